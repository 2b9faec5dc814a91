"""Lists of values that a mapping can be checked against, by their address. Oracle documents none of these."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from simulators.erp.oracle_fusion.books import UnitBooks
from simulators.erp.oracle_fusion.query import Entity


def memo_lines(books: UnitBooks) -> list[Entity]:
    return [
        {"MemoLineName": name, "Description": f"Memo line {name}", "BusinessUnit": books.setup.company}
        for name in sorted(books.setup.revenue_accounts)
    ]


def tax_codes(books: UnitBooks) -> list[Entity]:
    return [{"LookupCode": code, "Meaning": code, "EnabledFlag": "Y"} for code in sorted(books.setup.tax_codes)]


def currencies(books: UnitBooks) -> list[Entity]:
    return [{"CurrencyCode": code, "Name": code} for code in sorted(books.currencies)]


def payment_terms(books: UnitBooks) -> list[Entity]:
    del books
    return [{"Name": "30 Net", "TermsDescription": "Due in 30 days"}]


def business_units(books: UnitBooks) -> list[Entity]:
    return [{"BusinessUnitId": books.ledger_id + 1_000, "BusinessUnitName": books.setup.company}]


LISTS: Mapping[str, Callable[[UnitBooks], list[Entity]]] = MappingProxyType(
    {
        "receivablesBusinessUnitsLOV": business_units,
        "memoLinesLOV": memo_lines,
        "taxClassificationsLOV": tax_codes,
        "currenciesLOV": currencies,
        "receivablesPaymentTermsLOV": payment_terms,
    }
)
