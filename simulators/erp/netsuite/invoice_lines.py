"""The items of an invoice, and its tax: the caller's own details, or a legacy tax code on each line."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from simulators.erp.company import CompanySetup, rounded
from simulators.erp.netsuite import payload
from simulators.erp.netsuite.books import AccountBooks
from simulators.erp.netsuite.dialect import business_rule, invalid_content, unknown_reference
from simulators.erp.netsuite.line_dimensions import read_dimensions
from simulators.http.exchange import Call

LINES_MAX = 10_000
QUANTITY_LIMIT = Decimal(10) ** 10
ITEM_FIELDS = frozenset(
    {
        "item",
        "quantity",
        "rate",
        "amount",
        "description",
        "department",
        "class",
        "location",
        "taxCode",
        "taxDetailsReference",
        "revRecStartDate",
        "revRecEndDate",
    }
)
TAX_FIELDS = frozenset({"taxDetailsReference", "taxType", "taxCode", "taxBasis", "taxRate", "taxAmount"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One line as stored; the amount is without tax, in currency units. `tax_code` is empty under an override."""

    item: str
    account: str
    description: str
    quantity: Decimal
    amount: Decimal
    tax_code: str
    tax_reference: str
    dimensions: Mapping[str, Mapping[str, str]]


def read_lines(
    books: AccountBooks, call: Call, fields: dict[str, Any], setup: CompanySetup, *, currency: str
) -> tuple[tuple[InvoiceLine, ...], list[str]]:
    """Return the lines and warnings of names that were ignored."""
    items = payload.rows(fields, "item")
    if not 0 < len(items) <= LINES_MAX:
        raise business_rule(f"You must enter 1 to {LINES_MAX} line items for this transaction.", path="item")
    warnings: list[str] = []
    lines: list[InvoiceLine] = []
    for index, item in enumerate(items):
        path = f"item.items[{index}]."
        warnings += payload.warnings_of(call, item, known=ITEM_FIELDS, path=path)
        lines.append(_line(books, item, setup, currency=currency, path=path))
    return tuple(lines), warnings


def tax_of(
    call: Call, fields: dict[str, Any], lines: tuple[InvoiceLine, ...], setup: CompanySetup, *, currency: str
) -> tuple[Decimal, list[str]]:
    """Return the tax total and warnings: from taxDetails under an override, else by each line's tax code."""
    if fields.get("taxDetailsOverride") is not True:
        legacy = (
            rounded(line.amount * setup.tax_codes[line.tax_code], currency=currency) for line in lines if line.tax_code
        )
        return sum(legacy, start=rounded(Decimal(0), currency=currency)), []
    details = payload.rows(fields, "taxDetails")
    warnings: list[str] = []
    total = rounded(Decimal(0), currency=currency)
    for index, detail in enumerate(details):
        path = f"taxDetails.items[{index}]."
        warnings += payload.warnings_of(call, detail, known=TAX_FIELDS, path=path)
        total += rounded(_tax_amount(detail, setup, path=path), currency=currency)
    _match_references(lines, details)
    return total, warnings


def _line(books: AccountBooks, item: dict[str, Any], setup: CompanySetup, *, currency: str, path: str) -> InvoiceLine:
    item_id = payload.internal_id(item, "item", path=f"{path}item")
    if item_id not in setup.revenue_accounts or ("item", item_id) in books.inactive:
        raise unknown_reference(f"{path}item", item_id)
    tax_code = payload.internal_id(item, "taxCode", path=f"{path}taxCode") if "taxCode" in item else ""
    if tax_code and tax_code not in setup.tax_codes:
        raise unknown_reference(f"{path}taxCode", tax_code)
    quantity = payload.number(item, "quantity", path=f"{path}quantity")
    if quantity is not None and abs(quantity) >= QUANTITY_LIMIT:
        raise invalid_content(f"quantity must be below {QUANTITY_LIMIT}.", path=f"{path}quantity")
    rate, amount = (payload.number(item, name, path=path + name) for name in ("rate", "amount"))
    if amount is None and rate is None:
        raise business_rule("Please enter value(s) for: Amount.", path=f"{path}amount")
    units = Decimal(1) if quantity is None else quantity
    return InvoiceLine(
        item=item_id,
        account=setup.revenue_accounts[item_id],
        description=str(item.get("description", "")),
        quantity=units,
        amount=rounded(units * (rate or Decimal(0)) if amount is None else amount, currency=currency),
        tax_code=tax_code,
        tax_reference=str(item.get("taxDetailsReference", "")),
        dimensions=read_dimensions(books, item, setup, path=path),
    )


def _tax_amount(detail: dict[str, Any], setup: CompanySetup, *, path: str) -> Decimal:
    payload.reference(detail, "taxType", path=f"{path}taxType")
    tax_code = payload.internal_id(detail, "taxCode", path=f"{path}taxCode")
    if tax_code not in setup.tax_codes:
        raise unknown_reference(f"{path}taxCode", tax_code)
    amount = payload.number(detail, "taxAmount", path=f"{path}taxAmount")
    if amount is None:
        raise business_rule("Please enter value(s) for: Tax Amount.", path=f"{path}taxAmount")
    return amount


def _match_references(lines: tuple[InvoiceLine, ...], details: list[dict[str, Any]]) -> None:
    """Refuse lines without tax details of their own, and details of no line."""
    references = [line.tax_reference for line in lines]
    if len(set(references)) != len(references) or "" in references:
        raise business_rule("Each line needs a taxDetailsReference of its own.", path="item")
    explained = {str(detail.get("taxDetailsReference", "")) for detail in details}
    if explained != set(references):
        odd = min(explained ^ set(references))
        raise business_rule(f"Lines and tax details do not match at reference {odd!r}.", path="taxDetails")
