"""Works out the tax of a transaction in whole minor units, line item by line item.

Followed: names and shapes; amounts as whole numbers, exact ones as text; one tax date for all lines; a product that is
not set up and an address that names no jurisdiction are conflicts; empty texts in an address are refused. Inferred: a
line's tax is rounded once, half away from zero, and a tax id outside the seller's country shifts the tax to the buyer.
"""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from simulators.tax.anrok.dialect import bad_request, conflict
from simulators.tax.places import TAXED_BY_PLACE, PlaceRate, rates_at

REQUIRED = ("lineItems", "currencyCode", "customerAddress")
_FIELDS = {
    *REQUIRED,
    "id",
    "customerId",
    "customerName",
    "customerTaxIds",
    "accountingDate",
    "taxDate",
}
_ADDRESS_FIELDS = {"country", "line1", "city", "region", "postalCode"}
_AMOUNT_MAX = 100_000_000_000


def calculated(
    body: dict[str, Any], *, rates: Sequence[PlaceRate], products: Collection[str], seller_country: str
) -> dict[str, Any]:
    """Return what createEphemeral answers; raises a Refusal as Anrok would answer."""
    _check(body)
    address = body["customerAddress"]
    if address.get("country") is None or (
        address["country"] in TAXED_BY_PLACE and not (address.get("postalCode") or address.get("region"))
    ):
        raise conflict("customerAddressCouldNotResolve")
    shifted = bool(body.get("customerTaxIds")) and address["country"] != seller_country
    found = rates_at(
        rates,
        country=address["country"],
        region=address.get("region", ""),
        postal_code=address.get("postalCode", ""),
        on=date.fromisoformat(body.get("taxDate", body["accountingDate"])),
    )
    items = [_item(item, [] if shifted else found, products=products, shifted=shifted) for item in body["lineItems"]]
    return {
        "taxAmountToCollect": sum(item["taxAmountToCollect"] for item in items),
        "lineItems": items,
        "preTaxAmount": str(sum(item["amount"] for item in body["lineItems"])),
        "jurisSummaries": [],
    }


def _check(body: dict[str, Any]) -> None:
    for name in REQUIRED:
        if name not in body:
            raise bad_request(f'Request body: "{name}": Required.')
    if unknown := sorted(set(body) - _FIELDS):
        raise bad_request(f"Request body: Unrecognized key(s) in object: '{unknown[0]}'")
    if "accountingDate" not in body:
        raise bad_request("Request body: Must specify either accountingDate or accountingTimeZone.")
    for name, value in body["customerAddress"].items():
        if name not in _ADDRESS_FIELDS or value == "":
            raise bad_request('Request body: "customerAddress": Invalid input.')


def _item(
    item: dict[str, Any], taxes: Sequence[PlaceRate], *, products: Collection[str], shifted: bool
) -> dict[str, Any]:
    amount = item.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, int) or abs(amount) > _AMOUNT_MAX:
        raise bad_request('Request body: "lineItems": "amount": Expected integer.')
    if item.get("productExternalId") not in products:
        raise conflict("productExternalIdUnknown")
    due = sum((rate.rate * amount for rate in taxes), Decimal(0))
    jurises: list[dict[str, Any]] = [
        {
            "name": rate.name,
            "taxes": [
                {
                    "taxName": rate.name,
                    "taxableAmount": str(amount),
                    "taxAmount": str(rate.rate * amount),
                    "taxRate": str(rate.rate),
                }
            ],
            "notTaxedReason": None,
        }
        for rate in taxes
    ]
    return {
        "id": item.get("id"),
        "taxAmountToCollect": int(due.quantize(Decimal(1), ROUND_HALF_UP)),
        "preTaxAmount": str(amount),
        "jurises": jurises or [{"name": "elsewhere", "taxes": None, "notTaxedReason": _why_not(shifted=shifted)}],
    }


def _why_not(*, shifted: bool) -> dict[str, Any]:
    return {"type": "exempt", "reason": {"type": "reverseCharge"}} if shifted else {"type": "notCollecting"}
