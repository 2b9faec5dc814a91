"""Our accounting periods follow the ERP's: what is closed there takes nothing new here, and nothing is passed over."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import cast

import pytest

from functions.sync_accounting_periods.use_case import PeriodsNotReadError, PeriodSync
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.accounting_period import EntityPeriods, PeriodStatus
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.decisions import refused, sending
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.pacing import NotCalled
from shared.domain.posting.readings import NotSupported, PeriodReading, Periods
from shared.domain.posting.systems.netsuite import NETSUITE
from shared.domain.resolution import Resolution
from shared.ports.erp import ReadableErp
from tests.builders.billing import nimbus
from tests.builders.posting import BOOKS, FIRST_OF_NOVEMBER, GERMANY, TENANT, a_document, a_journal, an_intent
from tests.fakes.in_memory_accounting_periods import InMemoryAccountingPeriods
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter, InMemoryExceptionStore
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents
from tests.fakes.posting_world import SimulatedClock

ENTITY = replace(nimbus(), legal_entity_id=GERMANY)
AMERICA = replace(nimbus(), legal_entity_id=LegalEntityId("acme-inc"))
HALF_A_YEAR_LATER = FIRST_OF_NOVEMBER + timedelta(days=181)
JOURNALS_TOO = replace(NETSUITE.capabilities, kinds=frozenset(DocumentKind))


@dataclass(slots=True)
class CalendarErp:
    periods_of: dict[DocumentKind, Periods] = field(default_factory=dict)

    def capabilities(self) -> Capabilities:
        return JOURNALS_TOO

    def periods(self, kind: DocumentKind) -> Periods:
        return self.periods_of.get(kind, NotSupported("it shows none"))

    def say(self, month: str, status: PeriodStatus, *, kind: DocumentKind = DocumentKind.INVOICE) -> None:
        self.periods_of[kind] = (PeriodReading("2019-01", PeriodStatus.CLOSED), PeriodReading(month, status))


class World:
    def __init__(self) -> None:
        self.erp = CalendarErp()
        self.intents = InMemoryPostingIntents()
        self.exceptions = InMemoryExceptionReporter()
        self.store = InMemoryExceptionStore(TENANT)
        self.clock = SimulatedClock(FIRST_OF_NOVEMBER)
        self.not_called: NotCalled | None = None
        self.american = CalendarErp()

    def erp_for(self, legal_entity_id: LegalEntityId) -> ReadableErp:
        return cast("ReadableErp", self.erp if legal_entity_id == GERMANY else self.american)

    def erp_and_books(self, legal_entity_id: LegalEntityId) -> tuple[ReadableErp, str]:
        return self.erp_for(legal_entity_id), ENTITY.erp.books

    def reading_turn(self, legal_entity_id: LegalEntityId) -> AbstractContextManager[NotCalled | None]:
        return nullcontext(self.not_called)

    def syncing(self) -> PeriodSync:
        return PeriodSync(
            tenant=TENANT,
            erps=self,
            periods=InMemoryAccountingPeriods(self.intents),
            intents=self.intents,
            exceptions=self.exceptions,
            known=self.store,
            clock=self.clock,
        )

    def sync(self) -> EntityPeriods:
        (synced,) = self.syncing().sync([ENTITY])
        for record in self.exceptions.reported:
            self.store.open(record)
        for name, why in self.exceptions.resolved.items():
            at = FIRST_OF_NOVEMBER
            self.store.resolve(Resolution(exception_id=name, tenant=TENANT, resolution=why, resolved_at=at))
        return synced

    def status(self, name: str = "2026-10") -> PeriodStatus:
        return self.intents.accounting_period(GERMANY, name).status

    def open_codes(self) -> set[str]:
        return {record.subject for record in self.store.open_records(ExceptionCode.PERIOD_CLOSED_EARLY)}


def may_come_late(intent: PostingIntent) -> PostingIntent:
    """Return a posting that was sent again after silence and posted; it is looked up once more, tomorrow."""
    tomorrow = FIRST_OF_NOVEMBER + timedelta(days=1)
    return replace(intent, state=IntentState.POSTED, answered=True, rechecks_left=1, due_at=tomorrow)


def names(synced: EntityPeriods) -> list[str]:
    return [period.name for period in synced.periods]


@pytest.mark.parametrize("status", list(PeriodStatus))
def test_a_period_is_here_as_it_is_in_the_erp_and_says_since_when(status: PeriodStatus) -> None:
    world = World()
    world.erp.say("2026-10", status)

    synced = world.sync()
    assert names(synced) == ["2026-10"]
    assert synced.checked_at == FIRST_OF_NOVEMBER
    assert world.status() is synced.periods[0].status is status


def test_a_period_that_is_opened_again_there_is_open_here() -> None:
    world = World()
    world.erp.say("2026-10", PeriodStatus.CLOSED)
    world.sync()

    world.erp.say("2026-10", PeriodStatus.OPEN)
    world.sync()

    assert world.status() is PeriodStatus.OPEN


def test_a_month_that_the_auditors_open_again_half_a_year_later_is_open_here() -> None:
    world, october = World(), "2026-10#general-ledger"
    world.erp.say("2026-10", PeriodStatus.CLOSED, kind=DocumentKind.JOURNAL)
    world.sync()
    assert world.status(october) is PeriodStatus.CLOSED

    world.clock.instant = HALF_A_YEAR_LATER
    world.erp.say("2026-10", PeriodStatus.OPEN, kind=DocumentKind.JOURNAL)
    world.sync()

    assert world.status(october) is PeriodStatus.OPEN


def test_a_month_of_ours_that_is_closed_late_is_closed_here_and_one_that_was_never_ours_is_not() -> None:
    world = World()
    world.intents.add(an_intent())
    world.clock.instant = HALF_A_YEAR_LATER
    world.erp.periods_of[DocumentKind.INVOICE] = (
        PeriodReading("2026-09", PeriodStatus.CLOSED),
        PeriodReading("2026-10", PeriodStatus.SOFT_CLOSED),
    )

    world.sync()

    assert world.status("2026-10") is PeriodStatus.SOFT_CLOSED
    assert world.intents.touched_periods(GERMANY) == {"2026-10"}


def test_a_close_that_came_too_early_is_over_however_late_the_month_is_opened_again() -> None:
    world = World()
    world.intents.add(an_intent())
    world.erp.say("2026-10", PeriodStatus.CLOSED)
    world.sync()
    assert world.open_codes() == {"acme-gmbh/2026-10"}

    world.clock.instant = HALF_A_YEAR_LATER
    world.erp.say("2026-10", PeriodStatus.OPEN)
    world.sync()

    assert world.open_codes() == set()


def test_a_close_over_postings_that_are_under_way_waits_for_them_and_says_so() -> None:
    world = World()
    intent = an_intent()
    world.intents.add(intent)
    world.erp.say("2026-10", PeriodStatus.CLOSED)

    world.sync()
    assert world.status() is PeriodStatus.SOFT_CLOSED
    assert world.open_codes() == {"acme-gmbh/2026-10"}

    started = sending(intent, books=BOOKS, now=FIRST_OF_NOVEMBER)
    world.intents.start_sending(started)
    world.intents.settle(refused(started, ExceptionCode.PERIOD_CLOSED, "closed there", now=FIRST_OF_NOVEMBER))
    world.sync()
    assert world.status() is PeriodStatus.CLOSED
    assert world.open_codes() == set()


def test_a_general_ledger_that_is_closed_over_journals_is_named_as_people_call_it() -> None:
    world = World()
    world.intents.add(an_intent(a_journal()))
    world.erp.say("2026-10", PeriodStatus.CLOSED, kind=DocumentKind.JOURNAL)

    world.sync()

    (finding,) = world.exceptions.reported
    assert finding.message.startswith(
        "the ERP of acme-gmbh has closed 2026-10 (general ledger) with 1 postings unsettled"
    )


def test_what_may_still_come_late_is_looked_up_once_more_as_its_month_is_soft_closed() -> None:
    world = World()
    resent = may_come_late(an_intent())
    world.intents.add(resent)
    world.erp.say("2026-10", PeriodStatus.OPEN)
    world.sync()
    assert world.intents.read(resent.posting_id) == resent

    for status in (PeriodStatus.SOFT_CLOSED, PeriodStatus.SOFT_CLOSED, PeriodStatus.CLOSED):
        world.erp.say("2026-10", status)
        world.sync()

    looked_up = replace(resent, version=2, rechecks_left=2, due_at=FIRST_OF_NOVEMBER)
    assert world.intents.read(resent.posting_id) == looked_up


def test_it_is_looked_up_also_where_the_list_of_what_is_open_is_behind() -> None:
    world = World()
    resent = replace(an_intent(), state=IntentState.POSTED, version=7, answered=True, rechecks_left=2)

    class BehindIntents(InMemoryPostingIntents):
        def listed(self, *, due_by: datetime | None = None) -> Iterator[PostingIntent]:
            yield from (replace(one, version=6, rechecks_left=1) for one in super().listed(due_by=due_by))

    world.intents = BehindIntents()
    world.intents.add(resent)
    world.erp.say("2026-10", PeriodStatus.SOFT_CLOSED)
    world.sync()

    looked_up = replace(resent, version=8, rechecks_left=3, due_at=FIRST_OF_NOVEMBER)
    assert world.intents.read(resent.posting_id) == looked_up


def test_what_may_still_come_late_is_looked_up_once_more_as_the_catalogue_closes_its_day() -> None:
    world = World()
    # The look-up waits for it, not this.
    world.not_called = NotCalled(FIRST_OF_NOVEMBER, "the ERP is down and left alone")
    resent = may_come_late(an_intent())
    later = may_come_late(an_intent(a_document(posting_id="acme/2026-11/r1", posting_date=date(2026, 11, 1))))
    world.intents.add(resent)
    world.intents.add(later)
    october = replace(ENTITY, closed_through=date(2026, 10, 31))

    world.sync()
    assert world.intents.read(resent.posting_id) == resent
    for _ in range(2):
        world.syncing().sync([october])

    looked_up = replace(resent, version=2, rechecks_left=2, due_at=FIRST_OF_NOVEMBER)
    assert world.intents.read(resent.posting_id) == looked_up
    assert world.intents.read(later.posting_id) == later

    world.syncing().sync([replace(ENTITY, closed_through=date(2026, 11, 30))])
    assert world.intents.read(resent.posting_id) == looked_up
    assert world.intents.read(later.posting_id) == replace(later, version=2, rechecks_left=2, due_at=FIRST_OF_NOVEMBER)


def test_what_the_catalogue_has_opened_again_is_looked_up_as_it_is_closed_again() -> None:
    world = World()
    resent = may_come_late(an_intent(a_journal()))
    world.intents.add(resent)
    october = replace(ENTITY, closed_through=date(2026, 10, 31))

    for entity in (october, ENTITY, october):
        world.syncing().sync([entity])

    looked_up = world.intents.read(resent.posting_id)
    assert looked_up is not None
    assert (looked_up.version, looked_up.rechecks_left) == (3, 3)


def test_receivables_and_the_general_ledger_close_apart() -> None:
    world = World()
    world.erp.say("2026-10", PeriodStatus.CLOSED)
    world.erp.say("2026-10", PeriodStatus.OPEN, kind=DocumentKind.JOURNAL)

    assert names(world.sync()) == ["2026-10", "2026-10#general-ledger"]
    assert world.status() is PeriodStatus.CLOSED
    assert world.status("2026-10#general-ledger") is PeriodStatus.OPEN


def test_an_erp_that_shows_no_periods_changes_none() -> None:
    world = World()

    synced = world.sync()

    assert names(synced) == []
    assert synced.checked_at is None


def test_what_the_former_erp_has_closed_keeps_nothing_out_of_one_that_shows_no_periods() -> None:
    world = World()
    world.intents.add(an_intent())
    world.erp.say("2026-10", PeriodStatus.CLOSED)
    world.sync()
    assert world.open_codes() == {"acme-gmbh/2026-10"}

    world.erp.periods_of = {}
    synced = world.sync()

    assert world.status() is PeriodStatus.OPEN
    assert world.open_codes() == set()
    assert synced.checked_at is None


def test_an_erp_that_lists_no_period_any_more_has_opened_none() -> None:
    world = World()
    world.erp.say("2026-10", PeriodStatus.CLOSED)
    world.sync()

    world.erp.periods_of[DocumentKind.INVOICE] = ()
    synced = world.sync()

    assert world.status() is PeriodStatus.CLOSED
    assert synced.checked_at == FIRST_OF_NOVEMBER


def test_an_erp_that_does_not_answer_is_an_error_and_no_status() -> None:
    world = World()
    world.erp.periods_of[DocumentKind.INVOICE] = LookupFailed("status 503")

    with pytest.raises(ExceptionGroup) as raised:
        world.sync()

    assert [type(error) for error in raised.value.exceptions] == [PeriodsNotReadError]
    assert world.status() is PeriodStatus.OPEN


def test_a_person_hears_which_erp_does_not_answer_why_and_what_it_told_last_and_all_of_the_others() -> None:
    world = World()
    world.erp.say("2026-10", PeriodStatus.SOFT_CLOSED)
    world.american.say("2026-11", PeriodStatus.OPEN)
    world.sync()
    world.erp.periods_of[DocumentKind.INVOICE] = LookupFailed("ConnectError for a token")
    world.clock.instant += timedelta(hours=1)

    of_germany, of_america = world.syncing().ask([ENTITY, AMERICA])

    assert (of_germany.not_read, of_germany.checked_at) == ("ConnectError for a token", FIRST_OF_NOVEMBER)
    assert [(one.name, one.status) for one in of_germany.periods] == [("2026-10", PeriodStatus.SOFT_CLOSED)]
    assert (of_america.not_read, names(of_america)) == ("", ["2026-11"])


def test_the_open_periods_that_an_erp_told_of_are_shown_while_it_is_left_alone_and_are_not_followed_for_ever() -> None:
    world = World()
    world.erp.say("2026-11", PeriodStatus.OPEN)
    world.erp.say("2026-11", PeriodStatus.OPEN, kind=DocumentKind.JOURNAL)
    world.sync()
    world.not_called = NotCalled(FIRST_OF_NOVEMBER, "the ERP is down and left alone")

    synced = world.sync()

    assert names(synced) == ["2026-11", "2026-11#general-ledger"]
    assert {period.status for period in synced.periods} == {PeriodStatus.OPEN}
    assert world.intents.touched_periods(GERMANY) == set()


def test_an_erp_whose_turn_does_not_come_is_asked_at_the_next_tick() -> None:
    world = World()
    world.erp.say("2026-10", PeriodStatus.CLOSED)
    world.sync()
    world.not_called = NotCalled(FIRST_OF_NOVEMBER, "the ERP is down and left alone")
    world.erp.say("2026-10", PeriodStatus.OPEN)
    world.clock.instant += timedelta(hours=6)

    synced = world.sync()
    assert synced.left_alone == "the ERP is down and left alone"
    assert (names(synced), synced.periods[0].status) == (["2026-10"], PeriodStatus.CLOSED)
    assert synced.checked_at == FIRST_OF_NOVEMBER, "what is known is as old as the last answer"

    world.not_called = None
    synced = world.sync()
    assert (synced.left_alone, synced.checked_at) == ("", FIRST_OF_NOVEMBER + timedelta(hours=6))
    assert world.status() is PeriodStatus.OPEN
