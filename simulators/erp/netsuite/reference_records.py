"""What the account's administrators keep and callers only read: accounts, dimensions, currencies, items and more.

Every key here is its own internal id, so that a set-up needs only one name for an account.
"""

from collections.abc import Callable, Mapping
from typing import Final

from simulators.erp.company import AccountRole, CompanySetup
from simulators.erp.netsuite.books import AccountBooks, Record
from simulators.erp.netsuite.dialect import not_found
from simulators.erp.netsuite.suiteql import Row

ACCOUNT_TYPES: Final[Mapping[AccountRole, str]] = {
    AccountRole.RECEIVABLE: "AcctRec",
    AccountRole.BANK: "Bank",
    AccountRole.ASSET: "OthCurrAsset",
    AccountRole.LIABILITY: "OthCurrLiab",
    AccountRole.TAX: "OthCurrLiab",
    AccountRole.REVENUE: "Income",
    AccountRole.EXPENSE: "Expense",
}
REFERENCE_COLUMNS: Final[Mapping[str, str]] = {
    "account": "id acctnumber accountsearchdisplayname accttype isinactive",
    "item": "id itemid displayname isinactive",
    "currency": "id symbol name isinactive",
    "subsidiary": "id name isinactive",
    "department": "id name isinactive",
    "classification": "id name isinactive",
    "location": "id name isinactive",
    "salestaxitem": "id itemid rate isinactive",
}
DIMENSIONS: Final[Mapping[str, str]] = {  # what a line calls it, and the record type behind
    "department": "department",
    "class": "classification",
    "location": "location",
}

Entries = Callable[[CompanySetup], dict[str, dict[str, str]]]


def reference_rows(books: AccountBooks, record_type: str) -> list[Row]:
    found: dict[str, dict[str, str]] = {}
    for setup in books.subsidiaries.values():
        found |= READERS[record_type](setup)
    return [
        {"id": key, **entry, "isinactive": "T" if (record_type, key) in books.inactive else "F"}
        for key, entry in sorted(found.items())
    ]


def reference_record(books: AccountBooks, record_type: str, key: str) -> Record:
    """Return a record as the REST API shows it; raises the Refusal of one that is not there."""
    for row in reference_rows(books, record_type):
        if row["id"] == key:
            names = {SHOWN.get(name, name): value for name, value in row.items()}
            return names | {"isInactive": row["isinactive"] == "T"}
    raise not_found()


SHOWN: Final[Mapping[str, str]] = {
    "acctnumber": "acctNumber",
    "accountsearchdisplayname": "acctName",
    "accttype": "acctType",
    "itemid": "itemId",
    "displayname": "displayName",
    "isinactive": "isInactive",
}


def _accounts(setup: CompanySetup) -> dict[str, dict[str, str]]:
    return {
        account: {
            "acctnumber": account,
            "accountsearchdisplayname": f"{account} {role.value.title()}",
            "accttype": ACCOUNT_TYPES[role],
        }
        for account, role in setup.chart().items()
    }


def _items(setup: CompanySetup) -> dict[str, dict[str, str]]:
    return {item: {"itemid": f"ITEM-{item}", "displayname": f"Item {item}"} for item in setup.revenue_accounts}


def _currencies(setup: CompanySetup) -> dict[str, dict[str, str]]:
    return {key: {"symbol": code, "name": code} for code, key in setup.currencies.items()}


def _tax_codes(setup: CompanySetup) -> dict[str, dict[str, str]]:
    return {key: {"itemid": f"TAX-{key}", "rate": f"{rate * 100:f}%"} for key, rate in setup.tax_codes.items()}


def _values_of(dimension: str) -> Entries:
    return lambda setup: {key: {"name": f"{dimension} {key}"} for key in setup.dimensions.get(dimension, ())}


READERS: Final[Mapping[str, Entries]] = {
    "account": _accounts,
    "item": _items,
    "currency": _currencies,
    "subsidiary": lambda setup: {setup.company: {"name": setup.name}},
    "salestaxitem": _tax_codes,
    **{record_type: _values_of(name) for name, record_type in DIMENSIONS.items()},
}
