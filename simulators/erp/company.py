"""How one company of a simulated ERP is set up: its accounts, tax codes, currencies, dimensions and posting window."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType

CURRENCIES_WITHOUT_MINOR_UNITS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)
CURRENCIES_WITH_MILLS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


class AccountRole(StrEnum):
    """What an account is for."""

    RECEIVABLE = "receivable"
    BANK = "bank"
    ASSET = "asset"
    LIABILITY = "liability"
    TAX = "tax"
    REVENUE = "revenue"
    EXPENSE = "expense"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanySetup:
    """One legal entity inside an ERP.

    `company` is the ERP's key of it: a Business Central company id, a NetSuite subsidiary id. The keys of
    `revenue_accounts` are what a NetSuite line names as its item, the values are the general ledger accounts, which
    is what a Business Central line names. `tax_codes` holds rates as fractions (0.20). `currencies` maps ISO codes
    to NetSuite's internal ids, or to the codes of a Business Central company's foreign currencies; a Business Central
    company without any has the usual table of three-letter codes. `accounts` are the further accounts, which journals
    name; `dimensions` maps each dimension to the values that a line may have. `posting_from` and `posting_to` are
    inclusive, None is open: a Business Central posting window; in NetSuite the months that touch no day of it are
    closed (before) or locked for receivables (after). `names` says what further things are called there, or which id
    the ERP gave them, where it is not to be what the simulator calls them: `ledger_id`, `fiscal_calendar`.
    """

    company: str
    name: str
    local_currency: str
    receivable_account: str
    tax_account: str
    revenue_accounts: Mapping[str, str]
    tax_codes: Mapping[str, Decimal]
    currencies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    posting_from: date | None = None
    posting_to: date | None = None
    bank_account: str = "1200"
    accounts: Mapping[str, AccountRole] = field(default_factory=lambda: MappingProxyType({}))
    dimensions: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def chart(self) -> dict[str, AccountRole]:
        """Return every account of the company with its role."""
        return {
            **self.accounts,
            **dict.fromkeys(self.revenue_accounts.values(), AccountRole.REVENUE),
            self.receivable_account: AccountRole.RECEIVABLE,
            self.tax_account: AccountRole.TAX,
            self.bank_account: AccountRole.BANK,
        }


def rounded(amount: Decimal, *, currency: str) -> Decimal:
    """Round half away from zero to the minor unit of the currency."""
    return amount.quantize(_minor_unit(currency), rounding=ROUND_HALF_UP)


def _minor_unit(currency: str) -> Decimal:
    if currency in CURRENCIES_WITHOUT_MINOR_UNITS:
        return Decimal(1)
    return Decimal("0.001") if currency in CURRENCIES_WITH_MILLS else Decimal("0.01")
