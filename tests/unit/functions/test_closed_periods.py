"""What its accounting period refuses: posted into the next one that is open, where the legal entity says so."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import repeat

import pytest

from functions.repair_posting.by_hand import HandBooking
from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.announcement import PostingAnnouncement
from shared.domain.posting.closed_period import ClosedPeriodPolicy, days_to_try
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import ErpRef
from shared.domain.posting.repair import RepairRefusedError
from tests.builders.posting import GERMANY, a_document, a_journal, an_intent, billed
from tests.fakes.fake_erp import LOOKUP_SPACING, ONE_STEP, QUIET_PERIOD, Behaviour, Held
from tests.fakes.posting_world import Died, PostingWorld, Told


def a_world(*closed: str, policy: ClosedPeriodPolicy = ClosedPeriodPolicy.NEXT_OPEN) -> PostingWorld:
    """Return the first of November, by whose policy acme's invoice of October was issued."""
    world = PostingWorld()
    world.erp.closed = set(closed)
    world.books.on_closed_period = policy
    return world


def why_nobody_moved_it(world: PostingWorld) -> str:
    (record,) = world.told.open_records()
    assert record.code is ExceptionCode.PERIOD_CLOSED
    return record.message


def issue(world: PostingWorld, document: Document | None = None) -> PostingIntent:
    return world.issue(an_intent(document, on_closed_period=world.books.on_closed_period))


def test_an_invoice_that_its_erp_refuses_for_its_period_is_posted_on_the_next_open_day() -> None:
    world = a_world("2026-10")
    issue(world)

    world.run_until_settled()

    first, second = world.all_intents()
    assert (first.state, first.replaced_by) == (IntentState.REJECTED, second.posting_id)
    assert (second.state, second.posted_period) == (IntentState.POSTED, "2026-11")
    assert second.posting_id == "acme-2026/2026-10/r1/p2"
    assert world.erp.held == [one for one in world.erp.held if one.document is second.document]


def test_only_the_posting_date_changes() -> None:
    world = a_world("2026-10")
    issue(world)
    world.run_until_settled()

    (document,) = map(billed, world.erp.posted_documents())

    was = a_document()
    assert document.posting_date == date(2026, 11, 1)
    assert (
        replace(document, posting_id=was.posting_id, external_ref=was.external_ref, posting_date=was.posting_date)
        == was
    )


def test_whoever_waits_hears_of_the_posting_and_nobody_of_the_refusal() -> None:
    world = a_world("2026-10")
    issue(world)

    world.run_until_settled()

    assert [(answer.task_token, answer.state) for answer in world.told.answers] == [("token-1", IntentState.POSTED)]
    assert world.told.raised == {}
    assert [world.intents.accounting_period(GERMANY, month).unsettled for month in ("2026-10", "2026-11")] == [0, 0]


def test_a_draft_that_the_period_refused_goes_before_there_is_another() -> None:
    world = a_world("2026-10")
    issue(world)
    world.deliver()
    assert len(world.erp.held) == 1

    world.run_until_settled()

    assert len(world.erp.held) == len(world.erp.posted_documents()) == 1


def test_what_our_own_calendar_has_closed_goes_to_the_day_after() -> None:
    world = a_world()
    world.books.closed_through = date(2026, 10, 31)
    issue(world)

    world.run_until_settled()

    assert world.erp.writes_seen == 2
    assert world.all_intents()[-1].document.posting_date == date(2026, 11, 1)


BUSY_WITH_ITS_DRAFT = (Behaviour.WORK, Behaviour.THROTTLE)
SILENT_OVER_ITS_DRAFT = (Behaviour.LOSE_REPLY,)
SILENT_OVER_POSTING_IT = (Behaviour.WORK, Behaviour.LOSE_REQUEST)


def a_draft_when_the_month_is_closed(*came_to: Behaviour, policy: ClosedPeriodPolicy) -> PostingWorld:
    """Return a world whose ERP has a draft of acme's invoice; its month is closed in a newer catalogue since."""
    world = a_world(policy=policy)
    world.erp.behave(*came_to)
    issue(world)
    world.deliver()
    assert (world.intent().state, len(world.erp.held)) == (IntentState.UNKNOWN, 1)
    world.books.closed_through = date(2026, 10, 31)
    return world


@pytest.mark.parametrize("came_to", [BUSY_WITH_ITS_DRAFT, SILENT_OVER_ITS_DRAFT, SILENT_OVER_POSTING_IT])
def test_a_draft_is_not_posted_into_a_month_that_the_catalogue_has_closed_since(came_to: tuple[Behaviour, ...]) -> None:
    world = a_draft_when_the_month_is_closed(*came_to, policy=ClosedPeriodPolicy.PERSON)

    world.run_until_settled()

    assert world.intent().state is IntentState.REJECTED
    assert [record.message for record in world.told.open_records()] == ["closed through 2026-10-31"]
    assert world.told.open_codes() == {ExceptionCode.PERIOD_CLOSED}
    assert world.erp.held == [], "the draft is gone, so that nobody posts it there either"
    assert world.intent().rechecks_left == 2, "and is noticed if it comes back"


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (ClosedPeriodPolicy.NEXT_OPEN, set()),
        (ClosedPeriodPolicy.ACCRUE, {ExceptionCode.REVENUE_NOT_ACCRUED}),  # both ledgers are closed
    ],
)
def test_a_draft_of_a_month_that_the_catalogue_has_closed_goes_and_its_document_is_posted_the_day_after(
    policy: ClosedPeriodPolicy, told: set[ExceptionCode]
) -> None:
    world = a_draft_when_the_month_is_closed(*BUSY_WITH_ITS_DRAFT, policy=policy)

    world.run_until_settled()

    assert [held.document.posting_date for held in world.erp.held] == [date(2026, 11, 1)]
    assert [answer.accounting_period for answer in world.told.answers] == ["2026-11"]
    assert world.told.open_codes() == told
    assert [world.intents.accounting_period(GERMANY, month).unsettled for month in ("2026-10", "2026-11")] == [0, 0]


@pytest.mark.parametrize(
    ("then", "state", "told"),
    [
        ("it is deleted there", IntentState.REJECTED, {ExceptionCode.PERIOD_CLOSED}),
        ("it is posted there", IntentState.POSTED, set()),
        ("the month is opened again", IntentState.POSTED, set()),
    ],
)
def test_a_draft_of_a_closed_month_that_would_not_go_is_told_of_and_left_to_finance(
    then: str, state: IntentState, told: set[ExceptionCode]
) -> None:
    world = a_draft_when_the_month_is_closed(*BUSY_WITH_ITS_DRAFT, policy=ClosedPeriodPolicy.PERSON)
    world.erp.writes = repeat(Behaviour.LOSE_REQUEST)
    for _ in range(12):
        world.tick()
    assert world.intent().state is IntentState.UNKNOWN
    assert world.erp.posted_documents() == []
    (record,) = world.told.open_records()
    assert record.code is ExceptionCode.POSTING_UNKNOWN
    assert record.message == (
        "closed through 2026-10-31: draft doc-1 of it in the ERP is not posted, and would not go:"
        " post it or delete it there"
    )

    if then == "it is deleted there":
        world.erp.held.clear()
    elif then == "it is posted there":
        world.erp.book_by_hand(a_document())
    else:
        world.books.closed_through, world.erp.writes = None, iter(())
    world.run_until_settled()

    assert world.intent().state is state
    assert world.told.open_codes() == told
    assert len(world.erp.posted_documents()) == (state is IntentState.POSTED)


def test_a_draft_of_a_period_that_closed_over_it_goes_as_well() -> None:
    world = a_draft_when_the_month_is_closed(*BUSY_WITH_ITS_DRAFT, policy=ClosedPeriodPolicy.PERSON)
    world.books.closed_through = None
    world.intents._unsettled[GERMANY, "2026-10"] = 0  # counted by nobody, so the period could close
    assert world.intents.set_period_status(GERMANY, "2026-10", PeriodStatus.CLOSED)

    world.run_until_settled()

    assert [record.message for record in world.told.open_records()] == ["accounting period 2026-10 is closed"]
    assert world.erp.held == []


@pytest.mark.parametrize("doubted", ["as a duplicate", "as one of two"])
def test_what_was_in_doubt_before_its_draft_was_found_is_refused_for_its_period_and_no_other_reason(
    doubted: str,
) -> None:
    world = a_world(policy=ClosedPeriodPolicy.PERSON)
    draft = Held(ErpRef("doc-1"), a_document(), world.clock.now(), None)
    world.erp.held.append(draft)
    if doubted == "as a duplicate":
        world.erp.does = replace(world.erp.does, natural_key_enforced=True)
    else:
        world.erp.behave(Behaviour.LOSE_REPLY)
    issue(world)
    world.deliver()
    if doubted == "as one of two":
        world.clock.instant += QUIET_PERIOD
        world.resolve()
        world.erp.held.remove(draft)
    assert world.intent().problem is ExceptionCode.POSTING_CONFLICT
    world.books.closed_through = date(2026, 10, 31)

    world.run_until_settled()

    assert world.told.open_codes() == {ExceptionCode.PERIOD_CLOSED}


def test_a_draft_is_seen_to_be_gone_twice_after_it_was_found_in_a_closed_month() -> None:
    world = a_draft_when_the_month_is_closed(*SILENT_OVER_ITS_DRAFT, policy=ClosedPeriodPolicy.NEXT_OPEN)
    (draft,) = world.erp.held
    world.erp.held.clear()
    world.clock.instant += QUIET_PERIOD
    world.resolve()
    assert world.intent().absences == 1

    world.erp.held.append(draft)
    world.erp.behave(Behaviour.LOSE_REQUEST)
    world.clock.instant += LOOKUP_SPACING
    world.resolve()

    assert (world.intent().state, world.intent().absences) == (IntentState.UNKNOWN, 0)


def test_a_person_looks_where_the_entity_says_so() -> None:
    world = a_world("2026-10", policy=ClosedPeriodPolicy.PERSON)
    issue(world)

    world.run_until_settled()

    assert world.told.open_codes() == {ExceptionCode.PERIOD_CLOSED}
    assert world.intent().state is IntentState.REJECTED


def test_a_policy_that_was_withdrawn_meanwhile_leaves_it_to_a_person() -> None:
    world = a_world("2026-10")
    issue(world)
    world.deliver()
    world.books.on_closed_period = ClosedPeriodPolicy.PERSON

    world.run_until_settled()

    assert why_nobody_moved_it(world) == (
        "not moved to the next period, since on_closed_period of acme-gmbh is person now: CLOSED: 2026-10 is closed"
    )
    assert [answer.state for answer in world.told.answers] == [IntentState.REJECTED]


def test_nothing_is_posted_on_a_day_to_come() -> None:
    world = a_world("2026-10", "2026-11")
    issue(world)

    world.run_until_settled()

    assert [intent.state for intent in world.all_intents()] == [IntentState.REJECTED, IntentState.REJECTED]
    assert why_nobody_moved_it(world) == (
        "not moved to the next period, since none has begun by 2026-11-01: CLOSED: 2026-11 is closed"
    )
    assert [answer.state for answer in world.told.answers] == [IntentState.REJECTED]


def test_a_journal_belongs_into_its_month() -> None:
    world = a_world("2026-10")
    issue(world, a_journal())

    world.run_until_settled()

    assert world.told.open_codes() == {ExceptionCode.PERIOD_CLOSED}


def test_what_somebody_has_booked_meanwhile_is_posted_once() -> None:
    world = a_world("2026-10")
    world.erp.does = ONE_STEP
    issue(world)
    world.deliver()
    world.erp.book_by_hand(a_document())

    world.run_until_settled()

    assert world.intent().state is IntentState.POSTED
    assert [answer.state for answer in world.told.answers] == [IntentState.POSTED]


def test_a_draft_that_would_not_go_is_left_to_a_person() -> None:
    world = a_world("2026-10")
    issue(world)
    world.deliver()
    world.erp.writes = iter([Behaviour.LOSE_REQUEST] * 200)

    world.clock.instant += timedelta(hours=7)
    world.resolve()
    world.run_until_settled()

    assert why_nobody_moved_it(world) == (
        "not moved to the next period, since the ERP keeps document doc-1 of it, which is not posted:"
        " CLOSED: 2026-10 is closed"
    )
    assert len(world.erp.held) == 1


@pytest.mark.parametrize(
    ("held", "failing", "why"),
    [
        (0, [True] * 200, "since the ERP does not say what it has of it (the ERP is down)"),
        (2, [], "since the ERP has more than one with its reference (a-1, a-2)"),
    ],
    ids=["no answer", "two of it"],
)
def test_what_the_erp_does_not_tell_clearly_is_left_to_a_person_with_that(
    held: int, failing: list[bool], why: str
) -> None:
    world = a_world("2026-10")
    world.erp.does = ONE_STEP
    issue(world)
    world.deliver()
    now = world.clock.now()
    world.erp.held = [Held(ErpRef(f"a-{number}"), a_document(), now, None) for number in range(1, held + 1)]
    world.erp.fail_lookups(failing)

    world.clock.instant += timedelta(hours=7)
    world.resolve()
    world.run_until_settled()

    assert why_nobody_moved_it(world) == f"not moved to the next period, {why}: CLOSED: 2026-10 is closed"


def test_a_close_of_the_next_period_that_overtakes_the_redating_leaves_it_to_a_person() -> None:
    world = a_world("2026-10")
    issue(world)
    world.deliver()
    assert world.intents.set_period_status(GERMANY, "2026-11", PeriodStatus.SOFT_CLOSED)

    world.run_until_settled()

    assert why_nobody_moved_it(world) == (
        "not moved to the next period, since 2026-11 takes nothing new either: CLOSED: 2026-10 is closed"
    )
    assert world.intents.set_period_status(GERMANY, "2026-11", PeriodStatus.CLOSED)


def test_no_period_closes_over_what_goes_into_it_next() -> None:
    world = a_world("2026-10")
    issue(world)
    world.deliver()
    world.clock.instant += LOOKUP_SPACING
    world.resolve()

    assert not world.intents.set_period_status(GERMANY, "2026-11", PeriodStatus.CLOSED)
    assert world.intents.set_period_status(GERMANY, "2026-10", PeriodStatus.CLOSED)
    world.run_until_settled()

    assert world.all_intents()[-1].state is IntentState.POSTED
    assert world.intents.set_period_status(GERMANY, "2026-11", PeriodStatus.CLOSED)


def test_a_late_commit_of_the_refused_one_beside_its_replacement_is_noticed() -> None:
    world = a_world()
    world.erp.does = ONE_STEP
    world.erp.behave(Behaviour.LOSE_REQUEST)
    issue(world)
    world.deliver()
    world.erp.closed = {"2026-10"}
    world.run_until_settled()
    first, second = world.all_intents()
    assert second.state is IntentState.POSTED

    world.erp.held.append(Held(replace(world.erp.held[0].ref, value="late"), first.document, world.clock.now(), None))
    world.clock.instant += timedelta(hours=1)
    world.resolve()

    assert world.told.open_codes() == {ExceptionCode.POSTING_CONFLICT}


@pytest.mark.parametrize(
    ("closed_through", "today", "days"),
    [
        (None, date(2027, 1, 15), [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]),
        (None, date(2026, 10, 31), []),
        (date(2026, 11, 30), date(2026, 12, 2), [date(2026, 12, 1)]),
        (date(2026, 9, 30), date(2026, 11, 1), [date(2026, 11, 1)]),
        (date(2026, 10, 31), date(2026, 11, 9), [date(2026, 11, 1)]),
    ],
)
def test_days_are_tried_from_the_earliest_to_today(closed_through: date | None, today: date, days: list[date]) -> None:
    assert list(days_to_try(date(2026, 10, 31), closed_through=closed_through, today=today)) == days


def test_what_was_told_of_it_before_its_refusal_is_over_also_when_whoever_should_say_so_dies() -> None:
    deaths = iter(("resolver", "relay"))

    class DyingAnnouncer:
        def __init__(self, told: Told) -> None:
            self._told = told

        def announce(self, announcement: PostingAnnouncement) -> None:
            if announcement.resolved and next(deaths, None) is not None:
                raise Died
            self._told.announce(announcement)

    world = PostingWorld(lambda name, port: DyingAnnouncer(port) if name == "announcer" else port)
    world.erp.closed, world.books.on_closed_period = {"2026-10"}, ClosedPeriodPolicy.NEXT_OPEN
    world.erp.writes = iter([Behaviour.LOSE_REPLY])
    issue(world)

    world.run_until_settled()

    assert {record.code for record in world.told.raised.values()} == {ExceptionCode.POSTING_UNKNOWN}
    assert world.told.open_codes() == set()
    assert next(deaths, None) is None


def test_nobody_repairs_marks_or_gives_up_what_is_about_to_be_posted_into_the_next_period() -> None:
    world = a_world("2026-10")
    world.erp.does = ONE_STEP
    refused = issue(world)
    world.deliver()
    world.clock.instant += LOOKUP_SPACING

    for remedy in (
        lambda: world.repair(refused.posting_id),
        lambda: world.mark_posted(refused.posting_id, HandBooking(number="SI-4711", unverified=True)),
        lambda: world.cancel(refused.posting_id),
    ):
        with pytest.raises(RepairRefusedError, match="is about to be posted into the next open accounting period"):
            remedy()
    world.run_until_settled()

    assert [answer.state for answer in world.told.answers] == [IntentState.POSTED]
    assert not any(one.needs_action for one in world.all_intents())
