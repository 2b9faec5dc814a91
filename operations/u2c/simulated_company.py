"""A legal entity as its simulated ERP is set up: what the catalogue maps to is there, and nothing else."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from shared.domain.master_data.catalog import ErpMapping, LegalEntity, TaxRate
from shared.domain.posting.systems.registry import SYSTEMS
from simulators.erp.company import AccountRole, CompanySetup

# What journals of ours name; any other account of theirs holds something the entity has.
_ROLES = {
    "revenue": AccountRole.REVENUE,
    "deferred_revenue": AccountRole.LIABILITY,
    "bad_debt": AccountRole.EXPENSE,
    "rounding": AccountRole.EXPENSE,
    "bank": AccountRole.BANK,
}


def company_setup(entity: LegalEntity, tax_rates: Sequence[TaxRate]) -> CompanySetup:
    """Return the company of an entity, open for posting since the day after its last closed period."""
    mapping = entity.erp
    newest = sorted(tax_rates, key=lambda rate: rate.valid.start)
    return CompanySetup(
        company=mapping.company,
        name=entity.name,
        local_currency=entity.functional_currency.code,
        receivable_account=mapping.receivable_account,
        tax_account=mapping.tax_account,
        revenue_accounts={key: mapping.revenue_account(product) for product, key in mapping.products.items()},
        tax_codes=_tax_codes(entity, newest) | _untaxed(mapping),
        currencies=mapping.currencies,
        accounts={account: _ROLES.get(name, AccountRole.ASSET) for name, account in mapping.accounts.items()},
        dimensions={one.field: frozenset(one.values.values()) for one in mapping.dimensions.values()},
        names=mapping.settings,
        posting_from=entity.closed_through + timedelta(days=1) if entity.closed_through else None,
    )


def _tax_codes(entity: LegalEntity, rates: Sequence[TaxRate]) -> dict[str, Decimal]:
    codes = entity.erp.tax_codes
    known = {codes[rate.code]: rate.rate for rate in rates if rate.code in codes}
    # What an outside engine taxes has many rates under one code; an ERP that takes them is told each.
    return known | ({codes[entity.tax.code]: Decimal(0)} if entity.tax.is_outside else {})


def _untaxed(mapping: ErpMapping) -> dict[str, Decimal]:
    setting = SYSTEMS[mapping.system].mapping.untaxed_code_setting
    return {mapping.settings[setting]: Decimal(0)} if setting and setting in mapping.settings else {}
