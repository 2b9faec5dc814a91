"""A journal as any ERP is told of it: balanced lines on accounts of the ledger, without a customer to bill."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

from shared.domain.identifiers import CustomerId, ExternalRef, LegalEntityId, PostingId, TenantId
from shared.domain.money import Money, total
from shared.domain.posting.document import DocumentKind, PostingDocument

MAX_JOURNAL_LINES: Final = 1_000  # of one that a person prepares


class UnbalancedJournalError(ValueError):
    """Debits and credits differ, currencies are mixed, or there is nothing to book; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One side of a journal. `account` is our name of it (ErpMapping.account); a debit is positive."""

    line_no: int
    account: str
    amount: Money
    text: str
    dimensions: tuple[tuple[str, str], ...] = ()
    customer_id: CustomerId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One balanced journal in one currency. `posting_date` decides the accounting period (YYYY-MM of that date).

    Raises UnbalancedJournalError when it is made of lines that no ledger would take.
    """

    tenant: TenantId
    posting_id: PostingId
    external_ref: ExternalRef
    legal_entity_id: LegalEntityId
    human_number: str
    document_date: date
    posting_date: date
    text: str
    lines: tuple[JournalLine, ...]
    reverses: PostingId | None = None

    def __post_init__(self) -> None:
        if len({line.amount.currency for line in self.lines}) != 1:
            raise UnbalancedJournalError("a journal has lines, all of them in one currency")
        off = total((line.amount for line in self.lines), self.lines[0].amount.currency)
        if off.amount:
            raise UnbalancedJournalError(f"debits and credits are {off} apart")
        if any(not line.amount.amount for line in self.lines):
            raise UnbalancedJournalError("a line of nothing books nothing")

    @property
    def kind(self) -> DocumentKind:
        return DocumentKind.JOURNAL

    @property
    def accounting_period(self) -> str:
        return self.posting_date.strftime("%Y-%m")

    @property
    def net(self) -> Money:
        """The sum of its debits: what a journal is compared by."""
        debits = (line.amount for line in self.lines if line.amount.amount > 0)
        return total(debits, self.lines[0].amount.currency)

    @property
    def tax(self) -> Money:
        return Money.zero(self.net.currency)

    @property
    def gross(self) -> Money:
        return self.net

    @property
    def exchange_rate(self) -> Decimal | None:
        """None: it is booked at the ERP's own rate where its currency is not that of the books."""
        return None


Document: TypeAlias = PostingDocument | Journal
