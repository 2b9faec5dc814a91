"""Our documents in Anrok's fields, and its fields as our tax. Amounts are whole minor units, as text where not whole.

A transaction of Anrok has one tax date, a document of ours one tax point a line: it is as many transactions as it has
tax points, each by an id of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from shared.adapters.erp.customer_key import customer_key
from shared.adapters.tax.rates import rate_of_line
from shared.domain.master_data.tax_setup import TaxSetup
from shared.domain.money import EXACT, Currency, Money
from shared.domain.tax.document import TaxBuyer, TaxDocument, TaxLine
from shared.domain.tax.outcome import TaxedLine
from shared.domain.vat_category import VatCategory

_REVERSE_CHARGE = "reverseCharge"


def by_tax_point(document: TaxDocument) -> Iterator[tuple[date, TaxDocument]]:
    """Yield the document's part of each tax point."""
    for tax_point, lines in groupby(sorted(document.lines, key=_tax_point), key=_tax_point):
        yield tax_point, replace(document, lines=tuple(lines))


def transaction_id(document: TaxDocument, tax_point: date) -> str:
    return f"{document.code}:{tax_point.isoformat()}"


def transaction(part: TaxDocument, tax_point: date, setup: TaxSetup) -> dict[str, object]:
    buyer = part.buyer
    fields: dict[str, object] = {
        "currencyCode": part.currency.code,
        "accountingDate": part.document_date.isoformat(),
        "taxDate": tax_point.isoformat(),
        "customerId": customer_key(buyer.customer_id),
        "customerName": buyer.name,
        "customerAddress": dict(_address(buyer)),
        "lineItems": [_line_item(line, setup) for line in part.lines],
    }
    if not buyer.tax_id:
        return fields
    return fields | {"customerTaxIds": [{"type": "genericVatNumber", "value": buyer.tax_id}]}


def is_the_inverse_of(part: TaxDocument, original: Sequence[TaxLine]) -> bool:
    """Whether what is credited is all that was charged, so that each line has its opposite."""
    return sorted((line.category, -line.amount.amount) for line in part.lines) == sorted(
        (line.category, line.amount.amount) for line in original
    )


def taxed_lines(fields: Mapping[str, Any], part: TaxDocument, setup: TaxSetup) -> Iterator[TaxedLine]:
    """Read a calculation's line items; raises KeyError, TypeError or ValueError for anything else."""
    by_number = {int(item["id"]): item for item in fields["lineItems"]}
    for line in part.lines:
        yield _taxed(line, by_number[line.number], setup)


def tax_of(fields: Mapping[str, Any], currency: Currency) -> Money:
    return _money(fields["taxAmountToCollect"], currency)


def _tax_point(line: TaxLine) -> date:
    return line.tax_point


def _address(buyer: TaxBuyer) -> Iterator[tuple[str, str]]:
    """Yield what is known: empty texts are refused."""
    yield "country", buyer.country
    if buyer.address is None:
        return
    address = buyer.address
    names = ("line1", "city", "region", "postalCode")
    for name, text in zip(names, (address.lines[0], address.city, address.region, address.postal_code), strict=True):
        if text:
            yield name, text


def _line_item(line: TaxLine, setup: TaxSetup) -> dict[str, object]:
    return {
        "id": str(line.number),
        "productExternalId": setup.categories[line.category],
        "amount": _minor_units(line.amount),
        "isTaxIncludedInAmount": False,
    }


def _minor_units(amount: Money) -> int:
    return int(EXACT.divide(amount.amount, amount.currency.minor_unit))


def _money(minor_units: int, currency: Currency) -> Money:
    if isinstance(minor_units, bool) or not isinstance(minor_units, int):
        raise TypeError("an amount to collect is a whole number of minor units")
    return Money(EXACT.multiply(Decimal(minor_units), currency.minor_unit), currency)


def _taxed(line: TaxLine, item: Mapping[str, Any], setup: TaxSetup) -> TaxedLine:
    currency = line.amount.currency
    taxes = [tax for juris in item["jurises"] for tax in juris["taxes"] or ()]
    tax = _money(item["taxAmountToCollect"], currency)
    pairs = [(Decimal(one["taxRate"]), Decimal(one["taxableAmount"])) for one in taxes]
    rate = (
        rate_of_line(Decimal(_minor_units(line.amount)), pairs) if tax.amount or not line.amount.amount else Decimal(0)
    )
    category, reason = (VatCategory.STANDARD, "") if rate > 0 else _why_not(item)
    return TaxedLine(
        line=line.number, code=setup.code, rate=rate, vat_category=category, exemption_reason=reason, tax=tax
    )


def _why_not(item: Mapping[str, Any]) -> tuple[VatCategory, str]:
    reasons = [juris["notTaxedReason"] for juris in item["jurises"] if juris["notTaxedReason"]]
    exempt = [str((one.get("reason") or {}).get("type", "exempt")) for one in reasons if one["type"] == "exempt"]
    if _REVERSE_CHARGE in exempt:
        return VatCategory.REVERSE_CHARGE, "reverse charge"
    return (VatCategory.EXEMPT, exempt[0]) if exempt else (VatCategory.OUTSIDE_SCOPE, "")
