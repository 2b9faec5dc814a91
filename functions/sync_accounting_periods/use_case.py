"""Have our accounting periods follow those of the ERPs: what is closed there takes nothing new here."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, ExceptionStatus, exception_id
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.accounting_period import AccountingPeriod, PeriodStatus, period_name
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.lookups import looked_up_before_close
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.pacing import Closed
from shared.domain.posting.readings import NotSupported, PeriodReading
from shared.ports.accounting_periods import AccountingPeriods
from shared.ports.clock import Clock
from shared.ports.erp import ReadableErp, ReadableErpsInTurn
from shared.ports.exception_store import ExceptionStore
from shared.ports.exceptions import ExceptionReporter
from shared.ports.posting_intents import PostingIntents, StaleIntentError

# Documents are dated into the present month, late ones into the first that is open; nobody dates further than this.
LOOKED_BACK, LOOKED_AHEAD = timedelta(days=100), timedelta(days=40)
KINDS = (DocumentKind.INVOICE, DocumentKind.JOURNAL)  # one for each ledger that ERPs close by itself


class PeriodsNotReadError(RuntimeError):
    """An ERP did not tell; the text names the legal entity and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodsRead:
    """The periods around the present as they are now. Nothing new is known of ERPs that are `left_alone`."""

    periods: Sequence[AccountingPeriod]
    left_alone: Mapping[LegalEntityId, Closed]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodSync:
    tenant: TenantId
    erps: ReadableErpsInTurn
    periods: AccountingPeriods
    intents: PostingIntents
    exceptions: ExceptionReporter
    known: ExceptionStore
    clock: Clock

    def sync(self, entities: Sequence[LegalEntity]) -> PeriodsRead:
        """Read the periods of every entity whose ERP shows them, and whose turn comes.

        One ERP that does not answer keeps no other waiting: its error is raised after the last of them.
        """
        told: list[AccountingPeriod] = []
        left_alone: dict[LegalEntityId, Closed] = {}
        failures: list[Exception] = []
        for entity in entities:
            try:
                with self.erps.reading_turn(entity.legal_entity_id) as closed:
                    if closed is not None:
                        left_alone[entity.legal_entity_id] = closed
                        continue
                    told += self._sync_entity(entity, self.erps.erp_for(entity.legal_entity_id))
            except Exception as error:  # noqa: BLE001 - raised below, with all the others
                failures.append(error)
        if failures:
            raise ExceptionGroup("accounting periods could not be read", failures)
        return PeriodsRead(periods=tuple(told), left_alone=left_alone)

    def _sync_entity(self, entity: LegalEntity, erp: ReadableErp) -> Iterator[AccountingPeriod]:
        today = entity.day_of(self.clock.now())
        for kind in KINDS:
            if kind not in erp.capabilities().kinds:
                continue
            match erp.periods(kind):
                case NotSupported():
                    continue
                case LookupFailed(reason=reason):
                    raise PeriodsNotReadError(f"{entity.legal_entity_id}: {reason}")
                case readings:
                    for reading in readings:
                        if _is_near(reading.name, today):
                            yield self._followed(entity.legal_entity_id, reading, kind)

    def _followed(self, entity: LegalEntityId, reading: PeriodReading, kind: DocumentKind) -> AccountingPeriod:
        name, now = period_name(reading.name, kind), self.clock.now()
        if reading.status is not PeriodStatus.OPEN and self.periods.read(entity, name).status is PeriodStatus.OPEN:
            self._look_before_close(entity, name)
        if self.periods.set_status(entity, name, reading.status, checked_at=now):
            self._settled(entity, name)
        else:
            # Closed there while something here is unsettled: that still ends, or is refused, and nothing new begins.
            self.periods.set_status(entity, name, PeriodStatus.SOFT_CLOSED, checked_at=now)
            self.exceptions.report([self._finding(entity, self.periods.read(entity, name))])
        return self.periods.read(entity, name)

    def _look_before_close(self, entity: LegalEntityId, name: str) -> None:
        """Have what was given up as absent looked up once more, while the close can still be taken back."""
        for intent in self.intents.listed():
            if intent.legal_entity_id == entity and _is_rechecked_in(name, intent):
                with suppress(StaleIntentError):  # it is being looked up right now
                    self.intents.save(looked_up_before_close(intent, now=self.clock.now()))

    def _settled(self, entity: LegalEntityId, name: str) -> None:
        known = self.known.find(exception_id(ExceptionCode.PERIOD_CLOSED_EARLY, f"{entity}/{name}"))
        if known is not None and known.status is ExceptionStatus.OPEN:
            self.exceptions.resolve(known.exception_id, "nothing in it is unsettled any more", self.clock.now())

    def _finding(self, entity: LegalEntityId, period: AccountingPeriod) -> ExceptionRecord:
        subject = f"{entity}/{period.name}"
        return ExceptionRecord(
            exception_id=exception_id(ExceptionCode.PERIOD_CLOSED_EARLY, subject),
            tenant=self.tenant,
            code=ExceptionCode.PERIOD_CLOSED_EARLY,
            subject=subject,
            message=(
                f"the ERP of {entity} has closed {period.name} with {period.unsettled} postings unsettled"
                f" and {period.unrecorded} documents that no tax engine has"
            ),
            raised_at=self.clock.now(),
            detail={"legal_entity": entity, "accounting_period": period.name, "unsettled": str(period.unsettled)},
        )


def _is_rechecked_in(name: str, intent: PostingIntent) -> bool:
    own = period_name(intent.document.accounting_period, intent.document.kind)
    return own == name and intent.state.settled and intent.answered and intent.rechecks_left > 0


def _is_near(month: str, today: date) -> bool:
    return f"{today - LOOKED_BACK:%Y-%m}" <= month <= f"{today + LOOKED_AHEAD:%Y-%m}"
