"""accounts, dimensions, taxGroups, currencies and paymentTerms: what a company's administrators keep."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.odata import Entity, etag_of
from simulators.erp.company import AccountRole

CATEGORIES: Final[Mapping[AccountRole, str]] = {
    AccountRole.RECEIVABLE: "Assets",
    AccountRole.BANK: "Assets",
    AccountRole.ASSET: "Assets",
    AccountRole.LIABILITY: "Liabilities",
    AccountRole.TAX: "Liabilities",
    AccountRole.REVENUE: "Income",
    AccountRole.EXPENSE: "Expense",
}


def accounts(books: CompanyBooks) -> list[Entity]:
    return [
        {
            **_keyed(books, "account", number),
            "number": number,
            "displayName": f"{number} {role.value.title()}",
            "category": CATEGORIES[role],
            "blocked": number in books.blocked_accounts,
            "accountType": "Posting",
            "directPosting": role is not AccountRole.RECEIVABLE,
        }
        for number, role in sorted(books.setup.chart().items())
    ]


def dimensions(books: CompanyBooks) -> list[Entity]:
    """Return the dimensions, with their values under the name that $expand asks for them by."""
    return [
        {
            **_keyed(books, "dimension", code),
            "code": code,
            "displayName": code,
            "consolidationCode": "",
            "_values": [_value(books, code, value) for value in sorted(values)],
        }
        for code, values in sorted(books.setup.dimensions.items())
    ]


def dimension_values(books: CompanyBooks) -> list[Entity]:
    return [value for dimension in dimensions(books) for value in dimension["_values"]]


def tax_groups(books: CompanyBooks) -> list[Entity]:
    return [
        {**_keyed(books, "taxGroup", code), "code": code, "displayName": code, "taxType": "VAT"}
        for code in sorted(books.setup.tax_codes)
    ]


def currencies(books: CompanyBooks) -> list[Entity]:
    """Return the foreign currencies; the local one is in no table."""
    foreign = {code: iso for iso, code in books.setup.currencies.items() if iso != books.setup.local_currency}
    return [
        {**_keyed(books, "currency", code), "code": code, "displayName": iso, "symbol": iso}
        for code, iso in sorted(foreign.items())
    ]


def payment_terms(books: CompanyBooks) -> list[Entity]:
    return [
        {**_keyed(books, "paymentTerm", code), "code": code, "displayName": name, "dueDateCalculation": days}
        for code, name, days in (("14D", "14 days", "14D"), ("30D", "30 days", "30D"))
    ]


COLLECTIONS: Final[Mapping[str, Callable[[CompanyBooks], list[Entity]]]] = {
    "accounts": accounts,
    "dimensionValues": dimension_values,
    "taxGroups": tax_groups,
    "currencies": currencies,
    "paymentTerms": payment_terms,
}


def _value(books: CompanyBooks, code: str, value: str) -> Entity:
    dimension = _keyed(books, "dimension", code)
    return {
        **_keyed(books, f"dimension/{code}", value),
        "code": value,
        "dimensionId": dimension["id"],
        "displayName": value,
        "consolidationCode": "",
    }


def _keyed(books: CompanyBooks, kind: str, key: str) -> Entity:
    return {
        "@odata.etag": etag_of(0),
        "id": str(uuid5(NAMESPACE_URL, f"{books.setup.company}/{kind}/{key}")),
    }
