"""What a mapping may name, as far as SAP shows it: accounts of the company code's chart, cost and profit centres."""

from collections.abc import Iterator
from typing import Final

from shared.adapters.erp.sap_s4hana.odata import Row, read_rows, text
from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import NotSupported, ReferenceData, ReferenceItem, ReferenceKind

COMPANIES: Final = "API_COMPANYCODE_SRV/A_CompanyCode"
_ACCOUNTS = "API_GLACCOUNTINCHARTOFACCOUNTS_SRV/A_GLAccountInChartOfAccounts"
_CENTERS: Final = {
    "CostCenter": "API_COSTCENTER_SRV/A_CostCenter",
    "ProfitCenter": "API_PROFITCENTER_SRV/A_ProfitCenter",
}
_BLOCKED = ("AccountIsBlockedForPosting", "AccountIsMarkedForDeletion")
_WHY_NOT: Final = {
    ReferenceKind.ITEMS: "SAP books on accounts: products are mapped to accounts of its chart",
    ReferenceKind.TAX_CODES: "no service shows tax codes: a code that SAP does not know is refused when it is posted",
    ReferenceKind.CURRENCIES: "SAP takes ISO codes",
}


def reference_data(session: SapSession, company: str, kind: ReferenceKind) -> ReferenceData:
    if kind in _WHY_NOT:
        return NotSupported(_WHY_NOT[kind])
    return _centers(session) if kind is ReferenceKind.DIMENSIONS else _accounts(session, company)


def company_code(session: SapSession, company: str) -> Row | LookupFailed | None:
    """Return the company code as SAP has it; None where it has none, or the user may not see it."""
    where, fields = f"CompanyCode eq {text(company)}", ("CompanyCode", "ChartOfAccounts")
    found = read_rows(session, COMPANIES, where=where, fields=fields, by=("CompanyCode",))
    if isinstance(found, LookupFailed):
        return found
    return found[0] if found else None


def _accounts(session: SapSession, company: str) -> ReferenceData:
    entity = company_code(session, company)
    if isinstance(entity, LookupFailed):
        return entity
    if entity is None:
        return LookupFailed(f"company code {company} cannot be seen")
    where = f"ChartOfAccounts eq {text(str(entity.get('ChartOfAccounts')))}"
    found = read_rows(session, _ACCOUNTS, where=where, fields=("GLAccount", *_BLOCKED), by=("GLAccount",))
    return found if isinstance(found, LookupFailed) else tuple(_account(row) for row in found)


def _account(row: Row) -> ReferenceItem:
    key = str(row.get("GLAccount"))
    return ReferenceItem(key, key, active=not any(row.get(name) for name in _BLOCKED))


def _centers(session: SapSession) -> ReferenceData:
    items: list[ReferenceItem] = []
    for name, entity_set in _CENTERS.items():
        found = read_rows(session, entity_set, where="", fields=(name,), by=(name,))
        if isinstance(found, LookupFailed):
            return found
        items += _values(name, found)
    return tuple(items)


def _values(name: str, rows: list[Row]) -> Iterator[ReferenceItem]:
    for value in dict.fromkeys(str(row.get(name)) for row in rows):  # one for each validity period
        yield ReferenceItem(f"{name}={value}", value)
