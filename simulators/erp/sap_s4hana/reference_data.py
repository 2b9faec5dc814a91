"""Reads of what a mapping names: company codes, accounts, cost and profit centres. Names of fields are inferred."""

from collections.abc import Iterable

from simulators.erp.company import AccountRole, CompanySetup
from simulators.erp.sap_s4hana.odata import Entity

CHART = "YCOA"
CONTROLLING_AREA = "A000"
BALANCE_SHEET = frozenset(
    {AccountRole.RECEIVABLE, AccountRole.BANK, AccountRole.ASSET, AccountRole.LIABILITY, AccountRole.TAX}
)


def company_codes(setups: Iterable[CompanySetup]) -> list[Entity]:
    return [
        {
            "CompanyCode": setup.company,
            "CompanyCodeName": setup.name,
            "Currency": setup.local_currency,
            "ChartOfAccounts": CHART,
        }
        for setup in setups
    ]


def accounts(setups: Iterable[CompanySetup]) -> list[Entity]:
    """Return the one chart of accounts that all company codes of the tenant share."""
    roles: dict[str, AccountRole] = {}
    for setup in setups:
        roles |= setup.chart()
    return [
        {
            "ChartOfAccounts": CHART,
            "GLAccount": account,
            "IsBalanceSheetAccount": role in BALANCE_SHEET,
            "AccountIsBlockedForPosting": False,
            "AccountIsMarkedForDeletion": False,
        }
        for account, role in sorted(roles.items())
    ]


def centers(setups: Iterable[CompanySetup], *, name: str) -> list[Entity]:
    """Return the values of one dimension, CostCenter or ProfitCenter, over all company codes."""
    values = {value for setup in setups for value in setup.dimensions.get(name, frozenset())}
    return [{"ControllingArea": CONTROLLING_AREA, name: value} for value in sorted(values)]
