"""customer: belongs to one subsidiary and one currency."""

from typing import Any

from simulators.erp.netsuite import payload
from simulators.erp.netsuite.books import AccountBooks, Record
from simulators.erp.netsuite.dialect import business_rule, unknown_reference
from simulators.http.exchange import Call

KNOWN = frozenset(
    {
        "externalId",
        "entityId",
        "companyName",
        "isPerson",
        "subsidiary",
        "currency",
        "email",
        "phone",
        "url",
        "vatRegNumber",
        "defaultTaxReg",
        "terms",
        "comments",
    }
)
NAME_WIDTH_MAX = 83


def create_customer(books: AccountBooks, call: Call) -> tuple[Record, list[str]]:
    """Return the stored record and warnings of names that were ignored."""
    fields = call.json_object()
    warnings = payload.warnings_of(call, fields, known=KNOWN)
    key = payload.external_id(fields, books.customers)
    name = fields.get("companyName")
    if not isinstance(name, str) or not 0 < len(name) <= NAME_WIDTH_MAX:
        raise business_rule(f"companyName must have 1 to {NAME_WIDTH_MAX} characters.", path="companyName")
    subsidiary, currency = _place(books, fields)
    customer: Record = {
        "id": books.new_id(),
        "externalId": key,
        "entityId": fields.get("entityId") or name,
        "companyName": name,
        "email": fields.get("email", ""),
        "vatRegNumber": fields.get("vatRegNumber", ""),
        "isPerson": False,
        "isInactive": False,
        "subsidiary": {"id": subsidiary, "refName": books.subsidiaries[subsidiary].name},
        "currency": {"id": currency, "refName": currency_code(books, subsidiary, currency)},
    }
    books.customers.add(customer)
    return customer, warnings


def currency_code(books: AccountBooks, subsidiary: str, currency_id: str) -> str | None:
    """Return the ISO code of a currency's internal id, None for one the subsidiary does not have."""
    codes = {internal_id: code for code, internal_id in books.subsidiaries[subsidiary].currencies.items()}
    return codes.get(currency_id)


def _place(books: AccountBooks, fields: dict[str, Any]) -> tuple[str, str]:
    subsidiary = payload.internal_id(fields, "subsidiary")
    if subsidiary not in books.subsidiaries:
        raise unknown_reference("subsidiary", subsidiary)
    setup = books.subsidiaries[subsidiary]
    if "currency" not in fields:
        return subsidiary, setup.currencies[setup.local_currency]
    currency = payload.internal_id(fields, "currency")
    if currency_code(books, subsidiary, currency) is None:
        raise unknown_reference("currency", currency)
    return subsidiary, currency
