"""Have our accounting periods follow those of the ERPs: what is closed there takes nothing new here."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.accounting_period import (
    AccountingPeriod,
    EntityPeriods,
    PeriodStatus,
    month_of,
    period_name,
    period_title,
)
from shared.domain.posting.closed_period import why_closed
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.journal import Document
from shared.domain.posting.lookups import looked_up_before_close
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import NotSupported
from shared.ports.accounting_periods import AccountingPeriods
from shared.ports.clock import Clock
from shared.ports.erp import ReadableErp, ReadableErpsInTurn
from shared.ports.exception_store import ExceptionStore
from shared.ports.exceptions import ExceptionReporter
from shared.ports.posting_intents import PostingIntents, StaleIntentError

# Documents are dated into the present month, late ones into the first that is open. Months further away are followed
# where we have posted into them: finance may close one late, and auditors open it again whenever they like.
LOOKED_BACK, LOOKED_AHEAD = timedelta(days=100), timedelta(days=40)
KINDS = (DocumentKind.INVOICE, DocumentKind.JOURNAL)  # one for each ledger that ERPs close by itself


class PeriodsNotReadError(RuntimeError):
    """An ERP did not tell; the text names the legal entity and why."""

    def __init__(self, legal_entity_id: LegalEntityId, reason: str) -> None:
        super().__init__(f"{legal_entity_id}: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _NotSynced:
    entity: LegalEntity
    error: Exception

    @property
    def reason(self) -> str:
        if isinstance(self.error, PeriodsNotReadError):
            return self.error.reason
        return f"{type(self.error).__name__}: {self.error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodSync:
    tenant: TenantId
    erps: ReadableErpsInTurn
    periods: AccountingPeriods
    intents: PostingIntents
    exceptions: ExceptionReporter
    known: ExceptionStore
    clock: Clock

    def sync(self, entities: Sequence[LegalEntity]) -> tuple[EntityPeriods, ...]:
        """Ask every ERP whose turn comes, and return how the periods are here then.

        One ERP that does not answer keeps no other waiting: its error is raised after the last of them.
        """
        synced = self._asked(entities)
        if failures := [one.error for one in synced if isinstance(one, _NotSynced)]:
            raise ExceptionGroup("accounting periods could not be read", failures)
        return tuple(one for one in synced if isinstance(one, EntityPeriods))

    def ask(self, entities: Sequence[LegalEntity]) -> tuple[EntityPeriods, ...]:
        """Ask as `sync` does, for a person: what is known of an ERP that does not answer is told with the reason."""
        return tuple(
            self._as_known(one.entity, not_read=one.reason) if isinstance(one, _NotSynced) else one
            for one in self._asked(entities)
        )

    def _asked(self, entities: Sequence[LegalEntity]) -> Sequence[EntityPeriods | _NotSynced]:
        early = {record.subject for record in self.known.open_records(ExceptionCode.PERIOD_CLOSED_EARLY)}
        synced: list[EntityPeriods | _NotSynced] = []
        for entity in entities:
            try:
                self._look_before_catalog_closes(entity)
                with self.erps.reading_turn(entity.legal_entity_id) as not_called:
                    if not_called is None:
                        self._follow(entity, early)
                    synced.append(self._as_known(entity, left_alone=not_called.reason if not_called else ""))
            except Exception as error:  # noqa: BLE001 - raised by `sync`, and told by `ask`, with all the others
                synced.append(_NotSynced(entity, error))
        return synced

    def _follow(self, entity: LegalEntity, early: Collection[str]) -> None:
        """Have the periods that the ERP tells of be as they are there, as far as they are near or known here."""
        told = self._told(entity, self.erps.erp_for(entity.legal_entity_id))
        if told is None:
            self._open_what_other_books_told(entity.legal_entity_id, early)
            return
        known, today = self.periods.known(entity.legal_entity_id).periods, entity.day_of(self.clock.now())
        told = {name: status for name, status in told.items() if name in known or _is_near(month_of(name), today)}
        if not told:
            return
        for name, status in told.items():
            here = known.get(name, AccountingPeriod(legal_entity_id=entity.legal_entity_id, name=name))
            if status is not here.status or here.subject in early:
                self._change(here, status, early)
        self.periods.mark_checked(entity.legal_entity_id, self.clock.now(), told)

    def _told(self, entity: LegalEntity, erp: ReadableErp) -> dict[str, PeriodStatus] | None:
        """Return how each period is in the ERP; None for one that shows no periods to anybody."""
        told: dict[str, PeriodStatus] | None = None
        for kind in KINDS:
            if kind not in erp.capabilities().kinds:
                continue
            match erp.periods(kind):
                case NotSupported():
                    continue
                case LookupFailed(reason=reason):
                    raise PeriodsNotReadError(entity.legal_entity_id, reason)
                case readings:
                    told = (told or {}) | {period_name(one.name, kind): one.status for one in readings}
        return told

    def _open_what_other_books_told(self, entity: LegalEntityId, early: Collection[str]) -> None:
        """Take the periods for open, as those of any ERP that shows none: its refusal is what closes them."""
        known = self.periods.known(entity)
        for name in known.told & known.periods.keys():
            here = known.periods[name]
            if here.status is not PeriodStatus.OPEN or here.subject in early:
                self._change(here, PeriodStatus.OPEN, early)
        if known.told:
            self.periods.mark_checked(entity, self.clock.now(), ())

    def _change(self, here: AccountingPeriod, status: PeriodStatus, early: Collection[str]) -> None:
        entity, name = here.legal_entity_id, here.name
        if here.status is PeriodStatus.OPEN and status is not PeriodStatus.OPEN:
            self._look_before_close(entity, lambda document: _is_in(name, document))
        if self.periods.set_status(entity, name, status) is None:
            # Closed there while something here is unsettled: that still ends, or is refused, and nothing new begins.
            self.periods.set_status(entity, name, PeriodStatus.SOFT_CLOSED)
            self.exceptions.report([self._finding(self.periods.read(entity, name))])
        elif here.subject in early:
            finding = exception_id(ExceptionCode.PERIOD_CLOSED_EARLY, here.subject)
            closed = status is PeriodStatus.CLOSED
            why = "nothing in it is unsettled any more" if closed else "the ERP does not have it closed any more"
            self.exceptions.resolve(finding, why, self.clock.now())

    def _as_known(self, entity: LegalEntity, *, left_alone: str = "", not_read: str = "") -> EntityPeriods:
        known, today = self.periods.known(entity.legal_entity_id), entity.day_of(self.clock.now())
        untouched = {name: AccountingPeriod(legal_entity_id=entity.legal_entity_id, name=name) for name in known.told}
        every = untouched | dict(known.periods)
        return EntityPeriods(
            legal_entity_id=entity.legal_entity_id,
            periods=tuple(every[name] for name in sorted(every) if _is_near(month_of(name), today)),
            checked_at=known.checked_at if known.told else None,
            left_alone=left_alone,
            not_read=not_read,
        )

    def _look_before_catalog_closes(self, entity: LegalEntity) -> None:
        """Do for the days that the catalogue has closed since the last time what is done for a month of the ERP's.

        It is the only close that an ERP without periods to show ever has.
        """
        closed, seen = entity.closed_through, self.periods.known(entity.legal_entity_id).looked_up_through
        if closed == seen:
            return
        self._look_before_close(
            entity.legal_entity_id,
            lambda document: (
                why_closed(document.posting_date, closed_through=closed) is not None
                and why_closed(document.posting_date, closed_through=seen) is None
            ),
        )
        self.periods.mark_looked_up(entity.legal_entity_id, closed)

    def _look_before_close(self, entity: LegalEntityId, closes: Callable[[Document], bool]) -> None:
        """Have what was given up as absent looked up once more, while the close can still be taken back."""
        found = (one for one in self.intents.listed() if one.legal_entity_id == entity and _is_rechecked(one, closes))
        for posting_id in [one.posting_id for one in found]:
            intent = self.intents.read(posting_id)  # the list may show it as it was
            if intent is not None and _is_rechecked(intent, closes):
                with suppress(StaleIntentError):  # it is being looked up right now
                    self.intents.save(looked_up_before_close(intent, now=self.clock.now()))

    def _finding(self, period: AccountingPeriod) -> ExceptionRecord:
        return ExceptionRecord(
            exception_id=exception_id(ExceptionCode.PERIOD_CLOSED_EARLY, period.subject),
            tenant=self.tenant,
            code=ExceptionCode.PERIOD_CLOSED_EARLY,
            subject=period.subject,
            message=(
                f"the ERP of {period.legal_entity_id} has closed {period_title(period.name)}"
                f" with {period.unsettled} postings unsettled and {period.unrecorded} documents that no tax engine has"
            ),
            raised_at=self.clock.now(),
            detail={
                "legal_entity": period.legal_entity_id,
                "accounting_period": period.name,
                "unsettled": str(period.unsettled),
            },
        )


def _is_in(name: str, document: Document) -> bool:
    return period_name(document.accounting_period, document.kind) == name


def _is_rechecked(intent: PostingIntent, closes: Callable[[Document], bool]) -> bool:
    return closes(intent.document) and intent.state.settled and intent.answered and intent.rechecks_left > 0


def _is_near(month: str, today: date) -> bool:
    return f"{today - LOOKED_BACK:%Y-%m}" <= month <= f"{today + LOOKED_AHEAD:%Y-%m}"
