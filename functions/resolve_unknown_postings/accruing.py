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

    def accrue(self, posted: PostingIntent) -> None:
        """See to a posted invoice: both journals are stored with it, or a person is told before it is stored.

        The policy was taken at issue, and has to hold still.
        """
        document, now = posted.document, self.clock.now()
        assert isinstance(document, PostingDocument), "only invoices are accrued"
        done, month_end = seen_to(posted, now=now), last_day_served(document)
        self.master_data.version()
        entity = self.master_data.legal_entity(posted.legal_entity_id)
        if entity is None or month_end is None or not self._is_to_be_accrued(document, month_end, entity):
            self.intents.save(done)
            return
        try:
            self.accruals.book(done, accrual_of(posted, month_end, entity, now=now))
        except NotAccruableError as error:
            reason = str(error)
        except AccountingPeriodClosedError as error:
            reason = f"the general ledger of {error} takes nothing new"
        else:
            return
        self.announcer.announce(not_accrued(posted, month_end, reason, now=now))
        self.intents.save(done)

    def _is_to_be_accrued(self, document: PostingDocument, month_end: date, entity: LegalEntity) -> bool:
        if not entity.on_closed_period.accrues(document.kind):
            return False
        if is_moved_out_of(document, month_end) or (entity.closed_through or date.min) >= month_end:
            return True
        name = period_name(f"{month_end:%Y-%m}", DocumentKind.INVOICE)
        return self.periods.read(entity.legal_entity_id, name).status is not PeriodStatus.OPEN
