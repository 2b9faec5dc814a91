"""What a mapping may name: accounts of the ledger's chart, pairs of tax groups, currencies, values of dimensions."""

from collections.abc import Callable
from typing import Final

from shared.adapters.erp.dynamics_finance.data_service import DataService, Row, literal
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import NotSupported, ReferenceData, ReferenceItem, ReferenceKind

_READ_OF_DIMENSIONS: Final = ("FinancialDimension", "DimensionValue", "Description", "IsSuspended")


def reference(data: DataService, kind: ReferenceKind) -> ReferenceData:
    match kind:
        case ReferenceKind.ACCOUNTS:
            return _accounts(data)
        case ReferenceKind.TAX_CODES:
            return _tax_codes(data)
        case ReferenceKind.CURRENCIES:
            return _items(data.rows("Currencies", "", fields=["CurrencyCode", "Name"]), _currency)
        case ReferenceKind.DIMENSIONS:
            shared = f"LegalEntityId eq {literal(data.company)} or LegalEntityId eq ''"
            return _items(data.rows("FinancialDimensionValues", shared, fields=_READ_OF_DIMENSIONS), _dimension)
        case _:
            return NotSupported("free text invoices name accounts, not items")


def _accounts(data: DataService) -> ReferenceData:
    ledgers = data.rows("Ledgers", f"LegalEntityId eq {literal(data.company)}", fields=["ChartOfAccounts"])
    if isinstance(ledgers, LookupFailed):
        return ledgers
    if len(ledgers) != 1:
        return LookupFailed(f"the company {data.company} has {len(ledgers)} ledgers that can be seen")
    chart = literal(str(ledgers[0].get("ChartOfAccounts")))
    fields = ("MainAccountId", "Name", "IsSuspended")
    return _items(data.rows("MainAccounts", f"ChartOfAccounts eq {chart}", fields=fields), _account)


def _tax_codes(data: DataService) -> ReferenceData:
    """Return all pairs of groups. Which of them have a tax in common, their setup says."""
    groups = data.company_rows("TaxGroups", "", fields=["TaxGroupCode"])
    item_groups = data.company_rows("TaxItemGroups", "", fields=["TaxItemGroupCode"])
    if isinstance(groups, LookupFailed):
        return groups
    if isinstance(item_groups, LookupFailed):
        return item_groups
    pairs = {f"{one.get('TaxGroupCode')}/{other.get('TaxItemGroupCode')}" for one in groups for other in item_groups}
    return tuple(ReferenceItem(pair, pair) for pair in sorted(pairs))


def _items(rows: list[Row] | LookupFailed, item: Callable[[Row], ReferenceItem]) -> ReferenceData:
    if isinstance(rows, LookupFailed):
        return rows
    try:
        return tuple(item(row) for row in rows)
    except KeyError as error:
        return LookupFailed(f"the reference data has no {error}")


def _account(row: Row) -> ReferenceItem:
    return ReferenceItem(str(row["MainAccountId"]), str(row.get("Name", "")), active=_is_active(row))


def _currency(row: Row) -> ReferenceItem:
    return ReferenceItem(str(row["CurrencyCode"]), str(row.get("Name", "")))


def _dimension(row: Row) -> ReferenceItem:
    key = f"{row['FinancialDimension']}={row['DimensionValue']}"
    return ReferenceItem(key, str(row.get("Description", "")), active=_is_active(row))


def _is_active(row: Row) -> bool:
    return str(row.get("IsSuspended", "No")) != "Yes"
