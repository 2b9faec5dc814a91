"""Reads a CreateTransactionModel and works out its tax: each jurisdiction's tax of each line, rounded by itself.

Inferred, from the careful side: names that the model does not have are refused; an address in the United States or
Canada needs a postal code; a line may be negative. Tax is rounded half away from zero.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from simulators.tax.avatax.dialect import refuse
from simulators.tax.places import TAXED_BY_PLACE, PlaceRate, rates_at, rounded

CODE_LENGTH_MAX = 50
KINDS = {"SalesOrder", "SalesInvoice", "ReturnOrder", "ReturnInvoice"}
_FIELDS = {
    "type",
    "code",
    "companyCode",
    "date",
    "customerCode",
    "currencyCode",
    "addresses",
    "lines",
    "commit",
    "description",
    "referenceCode",
    "businessIdentificationNo",
    "purchaseOrderNo",
}
_LINE_FIELDS = {"number", "quantity", "amount", "taxCode", "itemCode", "description", "taxOverride"}


def worked_out(model: dict[str, Any], rates: Sequence[PlaceRate]) -> dict[str, Any]:
    """Return the TransactionModel with lines and details; raises a Refusal as AvaTax would answer."""
    _check(model)
    currency = model.get("currencyCode", "USD")
    lines = [_line(line, model, rates, currency) for line in model["lines"]]
    return {
        "code": model.get("code", ""),
        "type": model.get("type", "SalesOrder"),
        "status": "Temporary",
        "date": model["date"],
        "currencyCode": currency,
        "customerCode": model["customerCode"],
        "referenceCode": model.get("referenceCode", ""),
        "totalAmount": sum((line["lineAmount"] for line in lines), Decimal(0)),
        "totalTax": sum((line["tax"] for line in lines), Decimal(0)),
        "locked": False,
        "version": 1,
        "lines": lines,
    }


def _check(model: dict[str, Any]) -> None:
    if unknown := sorted(set(model) - _FIELDS):
        raise refuse("ModelStateInvalid", f"Unable to parse the field {unknown[0]}.")
    for name in ("date", "customerCode", "companyCode"):
        if not model.get(name):
            raise refuse("ValueRequiredError", f"Field {name} is required.")
    if model.get("type", "SalesOrder") not in KINDS:
        raise refuse("InvalidEnumValue", f"{model['type']} is no DocumentType.")
    if len(model.get("code", "")) > CODE_LENGTH_MAX:
        raise refuse("MaxStringLengthError", f"Field code has a limit of {CODE_LENGTH_MAX} characters.")
    if not model.get("lines"):
        raise refuse("MissingLine", "A transaction needs at least one line.")
    addresses = model.get("addresses") or {}
    for end in ("shipFrom", "shipTo"):
        _check_address(end, addresses.get(end))


def _check_address(end: str, address: dict[str, Any] | None) -> None:
    if not address or not address.get("country"):
        raise refuse("MissingAddress", f"A transaction needs an origin and a destination: {end} is missing.")
    if address["country"] in TAXED_BY_PLACE and not address.get("postalCode"):
        raise refuse("InvalidAddress", f"The address is incomplete: {end} has no postal code.")


def _line(line: dict[str, Any], model: dict[str, Any], rates: Sequence[PlaceRate], currency: str) -> dict[str, Any]:
    if unknown := sorted(set(line) - _LINE_FIELDS):
        raise refuse("ModelStateInvalid", f"Unable to parse the field {unknown[0]}.")
    amount = Decimal(line["amount"])
    address = model["addresses"]["shipTo"]
    override = line.get("taxOverride") or {}
    if override and not override.get("reason"):
        raise refuse("ValueRequiredError", "Field reason is required.")
    tax_date = date.fromisoformat(override.get("taxDate", model["date"]))
    found = rates_at(
        rates,
        country=address["country"],
        region=address.get("region", ""),
        postal_code=address.get("postalCode", ""),
        on=tax_date,
    )
    details = [
        {
            "country": address["country"],
            "jurisName": rate.name,
            "taxName": rate.name,
            "rate": rate.rate,
            "taxableAmount": amount,
            "tax": rounded(amount * rate.rate, currency),
        }
        for rate in found
    ]
    return {
        "lineNumber": line["number"],
        "lineAmount": amount,
        "taxCode": line.get("taxCode", ""),
        "taxDate": tax_date.isoformat(),
        "exemptAmount": Decimal(0),
        "taxableAmount": amount if details else Decimal(0),
        "tax": sum((detail["tax"] for detail in details), Decimal(0)),
        "details": details,
    }
