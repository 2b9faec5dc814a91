"""What an ERP tells of itself and of what became of our documents there, in words that fit every ERP."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from shared.domain.money import Money
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import AuthFailed, LookupFailed, Rejected, Throttled


@dataclass(frozen=True, slots=True)
class NotSupported:
    """The ERP does not show this to anybody outside; `reason` says what to do instead."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """What was tried and found wrong, each in a sentence that says who can mend it; nothing is well."""

    problems: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class CustomerReady:
    """The ERP has the customer; `key` is what its documents name it by."""

    key: str


CustomerOutcome: TypeAlias = CustomerReady | Rejected | Throttled | AuthFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerReading:
    """A customer as the ERP has it; "" for what it does not know. `linked`: it carries our own key of the customer."""

    key: str
    name: str
    country: str = ""
    tax_id: str = ""
    email: str = ""
    linked: bool = True
    blocked: bool = False


Customers: TypeAlias = tuple[CustomerReading, ...] | NotSupported | LookupFailed


class SettlementStatus(StrEnum):
    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    CREDITED = "credited"  # nothing is open, and a credit took at least a part of it
    VOIDED = "voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a document of ours stands in the ERP's receivables now; each states it anew.

    `open_amount` is what is left of its gross amount, negative where an invoice is overpaid; `changed_at` (UTC) when
    the ERP last changed it. `credited` is what credit memos are known to have taken of an invoice, whoever made them,
    None where the ERP does not tell it.
    """

    external_ref: str
    kind: DocumentKind
    erp_number: str
    status: SettlementStatus
    open_amount: Money
    changed_at: datetime
    credited: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementPage:
    """What changed since a cursor, oldest first. `next_cursor` is where the next page, or the next poll, begins.

    A page may repeat what an earlier one had; it never leaves out a change.
    """

    settlements: tuple[Settlement, ...]
    next_cursor: str
    complete: bool


Settlements: TypeAlias = SettlementPage | NotSupported | LookupFailed


@dataclass(frozen=True, slots=True)
class PeriodReading:
    """An accounting period (YYYY-MM) and what may be posted into it."""

    name: str
    status: PeriodStatus


Periods: TypeAlias = tuple[PeriodReading, ...] | NotSupported | LookupFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesRenewed:
    """The ERP gives notice of changes for some days more; counts of what was new there, and what was known."""

    created: int
    renewed: int


Notices: TypeAlias = NoticesRenewed | NotSupported | LookupFailed


class ReferenceKind(StrEnum):
    ACCOUNTS = "accounts"
    ITEMS = "items"
    TAX_CODES = "tax_codes"
    CURRENCIES = "currencies"
    DIMENSIONS = "dimensions"


@dataclass(frozen=True, slots=True)
class ReferenceItem:
    """One entry of the ERP's own reference data. The `key` of a dimension's value is FIELD=VALUE."""

    key: str
    name: str
    active: bool = True


ReferenceData: TypeAlias = tuple[ReferenceItem, ...] | NotSupported | LookupFailed
