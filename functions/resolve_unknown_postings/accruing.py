"""Accrue what a posted invoice bills of a month that is closed for invoices, or tell a person why not."""

from dataclasses import dataclass
from datetime import date

from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.accounting_period import PeriodStatus, period_name
from shared.domain.posting.accrual import (
    NotAccruableError,
    accrual_of,
    is_moved_out_of,
    last_day_served,
    not_accrued,
    seen_to,
)
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.elsewhere import is_elsewhere
from shared.domain.posting.intent import PostingIntent
from shared.ports.accounting_periods import AccountingPeriods
from shared.ports.accruals import Accruals
from shared.ports.clock import Clock
from shared.ports.master_data import MasterData
from shared.ports.posting_announcer import PostingAnnouncer
from shared.ports.posting_intents import AccountingPeriodClosedError, PostingIntents


@dataclass(frozen=True, slots=True, kw_only=True)
class Accruer:
    intents: PostingIntents
    accruals: Accruals
    periods: AccountingPeriods
    master_data: MasterData
    announcer: PostingAnnouncer
    clock: Clock

    def accrue(self, posted: PostingIntent, books: str) -> None:
        """See to a posted invoice: both journals are stored with it, or a person is told before it is stored.

        The policy was taken at issue, and has to hold still; so do the books, which have the invoice.
        """
        document, now = posted.document, self.clock.now()
        assert isinstance(document, PostingDocument), "only invoices are accrued"
        done, month_end = seen_to(posted, now=now), last_day_served(document)
        self.master_data.version()
        entity = self.master_data.legal_entity(posted.legal_entity_id)
        if entity is None or month_end is None or not self._is_to_be_accrued(document, month_end, entity):
            self.intents.save(done)
            return
        if is_elsewhere(posted, books):
            reason: str | None = f"it is in {posted.sent_to}, and its legal entity is mapped to {books} now"
        else:
            reason = self._book(posted, done, month_end, entity)
        if reason is not None:
            self.announcer.announce(not_accrued(posted, month_end, reason, now=now))
            self.intents.save(done)

    def _book(self, posted: PostingIntent, done: PostingIntent, month_end: date, entity: LegalEntity) -> str | None:
        """Store both journals, or return why there can be none."""
        try:
            self.accruals.book(done, accrual_of(posted, month_end, entity, now=self.clock.now()))
        except NotAccruableError as error:
            return str(error)
        except AccountingPeriodClosedError as error:
            return f"the general ledger of {error} takes nothing new"
        return None

    def _is_to_be_accrued(self, document: PostingDocument, month_end: date, entity: LegalEntity) -> bool:
        if not entity.on_closed_period.accrues(document.kind):
            return False
        if is_moved_out_of(document, month_end) or (entity.closed_through or date.min) >= month_end:
            return True
        name = period_name(f"{month_end:%Y-%m}", DocumentKind.INVOICE)
        return self.periods.read(entity.legal_entity_id, name).status is not PeriodStatus.OPEN
