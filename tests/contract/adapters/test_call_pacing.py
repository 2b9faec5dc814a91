"""Every keeper of lines before ERPs hands out turns one after the other, to no more callers than are permitted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.call_pacing import DynamoCallPacing
from shared.domain.identifiers import TenantId
from shared.domain.posting.pacing import PERMIT_LEASE, Answer, Caller, CallLimits, Hold, NotYet, Turn, Usage, Waiting
from shared.ports.call_pacing import CallPacing
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.fakes.in_memory_call_pacing import InMemoryCallPacing

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
PATIENCE = timedelta(seconds=5)
BOOKS = "acme/books"
TWO_AT_A_TIME = CallLimits(concurrency=2)
ONE_A_SECOND = CallLimits(concurrency=9, calls_per_minute=61)
ANNA, BERT, CARL = (Caller(name=name, credentials="v1") for name in ("anna", "bert", "carl"))


@pytest.fixture(params=["in memory", "dynamodb"])
def pacing(request: pytest.FixtureRequest) -> Iterator[CallPacing]:
    if request.param == "in memory":
        yield InMemoryCallPacing()
        return
    with mock_aws():
        yield DynamoCallPacing(aws.dynamodb(), create_table("postings"), TenantId("acme-saas"))


def take(
    pacing: CallPacing, caller: Caller, limits: CallLimits, *, after: float = 0, patience: timedelta = PATIENCE
) -> Answer:
    return pacing.take(BOOKS, caller, limits, now=NOON + timedelta(seconds=after), patience=patience)


def slot(answer: Answer) -> float:
    assert isinstance(answer, Turn)
    return (answer.at - NOON).total_seconds()


def test_turns_follow_each_other_at_the_permitted_rate(pacing: CallPacing) -> None:
    slots = [slot(take(pacing, caller, ONE_A_SECOND)) for caller in (ANNA, BERT, ANNA, CARL)]

    assert slots == [0, 1, 2, 3]


def test_who_has_no_patience_for_the_next_slot_is_told_when_it_is(pacing: CallPacing) -> None:
    for _ in range(6):
        take(pacing, ANNA, ONE_A_SECOND)

    assert take(pacing, BERT, ONE_A_SECOND) == NotYet(waiting_for=Waiting.SLOT, until=NOON + timedelta(seconds=6))
    assert slot(take(pacing, BERT, ONE_A_SECOND, after=1)) == 6


def test_slots_that_nobody_took_are_not_saved_up(pacing: CallPacing) -> None:
    take(pacing, ANNA, ONE_A_SECOND)

    assert [slot(take(pacing, ANNA, ONE_A_SECOND, after=60)) for _ in range(3)] == [60, 61, 62]


def test_a_short_pause_may_be_caught_up_with_by_a_burst(pacing: CallPacing) -> None:
    twenty_a_second = CallLimits(concurrency=5, calls_per_minute=1_200)
    take(pacing, ANNA, twenty_a_second)

    slots = [slot(take(pacing, ANNA, twenty_a_second, after=30)) for _ in range(9)]

    assert slots[:7] == [30] * 7
    assert 30 < slots[7] < slots[8] < 30.2


def test_no_more_callers_are_served_than_there_are_permits(pacing: CallPacing) -> None:
    assert isinstance(take(pacing, ANNA, TWO_AT_A_TIME), Turn)
    assert isinstance(take(pacing, BERT, TWO_AT_A_TIME), Turn)

    assert take(pacing, CARL, TWO_AT_A_TIME) == NotYet(waiting_for=Waiting.PERMIT)


def test_who_has_a_permit_keeps_it_from_call_to_call(pacing: CallPacing) -> None:
    turns = [take(pacing, caller, TWO_AT_A_TIME) for caller in (ANNA, BERT, ANNA, BERT)]

    permits = [turn.permit for turn in turns if isinstance(turn, Turn)]
    assert permits[:2] == permits[2:]
    assert sorted(permits[:2]) == [0, 1]


def test_who_is_served_last_is_told_that_others_have_to_wait(pacing: CallPacing) -> None:
    turns = [take(pacing, caller, TWO_AT_A_TIME) for caller in (ANNA, BERT)]

    assert [turn.crowded for turn in turns if isinstance(turn, Turn)] == [False, True]


def test_a_permit_that_is_given_back_is_the_next_caller_s(pacing: CallPacing) -> None:
    take(pacing, ANNA, TWO_AT_A_TIME)
    take(pacing, BERT, TWO_AT_A_TIME)
    take(pacing, ANNA, TWO_AT_A_TIME)

    pacing.give_back(BOOKS, ANNA, None, now=NOON)

    assert isinstance(take(pacing, CARL, TWO_AT_A_TIME), Turn)
    assert take(pacing, ANNA, TWO_AT_A_TIME) == NotYet(waiting_for=Waiting.PERMIT)


def test_the_permit_of_a_caller_who_died_is_free_once_its_lease_is_over(pacing: CallPacing) -> None:
    take(pacing, ANNA, TWO_AT_A_TIME)
    take(pacing, BERT, TWO_AT_A_TIME)
    lease = PERMIT_LEASE.total_seconds()

    assert take(pacing, CARL, TWO_AT_A_TIME, after=lease - 1) == NotYet(waiting_for=Waiting.PERMIT)
    assert isinstance(take(pacing, CARL, TWO_AT_A_TIME, after=lease), Turn)


def test_who_gives_back_too_late_takes_nothing_from_its_successor(pacing: CallPacing) -> None:
    one_at_a_time = CallLimits(concurrency=1)
    take(pacing, ANNA, one_at_a_time)
    take(pacing, BERT, one_at_a_time, after=61)

    pacing.give_back(BOOKS, ANNA, None, now=NOON + timedelta(seconds=62))

    assert take(pacing, ANNA, one_at_a_time, after=63) == NotYet(waiting_for=Waiting.PERMIT)


@pytest.mark.parametrize("limits", [TWO_AT_A_TIME, ONE_A_SECOND])
def test_an_erp_that_asks_for_a_rest_gets_it_from_everybody(pacing: CallPacing, limits: CallLimits) -> None:
    take(pacing, ANNA, limits)

    pacing.rest(BOOKS, called_at=NOON, retry_after=timedelta(seconds=90), now=NOON)

    until = NOON + timedelta(seconds=90)
    assert take(pacing, BERT, limits) == NotYet(waiting_for=Waiting.SLOT, until=until)
    assert slot(take(pacing, BERT, limits, after=87)) == 90
    assert isinstance(take(pacing, ANNA, limits, after=91), Turn)


def test_how_long_an_erp_asked_to_be_left_alone_is_remembered_whoever_calls_next(pacing: CallPacing) -> None:
    assert pacing.line(BOOKS).rest_ahead(NOON) is None
    pacing.rest(BOOKS, called_at=NOON, retry_after=timedelta(seconds=90), now=NOON)
    pacing.rest(BOOKS, called_at=NOON, retry_after=timedelta(seconds=5), now=NOON)  # under way together

    until = NOON + timedelta(seconds=90)
    assert pacing.line(BOOKS).rest_ahead(NOON) == until
    assert [slot(take(pacing, ANNA, ONE_A_SECOND, after=300)) for _ in range(3)] == [300, 301, 302]
    assert pacing.line(BOOKS).rests_until == until
    assert pacing.line(BOOKS).rest_ahead(NOON + timedelta(seconds=301)) is None


def test_a_rest_of_unknown_length_doubles_with_each_refusal_after_the_one_before(pacing: CallPacing) -> None:
    rests = []
    for second in (0, 10, 20, 30):
        called_at = NOON + timedelta(seconds=second)
        for _ in range(3):  # under way together, refused together
            pacing.rest(BOOKS, called_at=called_at, retry_after=None, now=called_at + timedelta(seconds=1))
        rests.append((pacing.line(BOOKS).next_slot - called_at).total_seconds() - 1)

    assert rests == [1, 2, 4, 8]


def test_refused_credentials_are_not_used_again_by_anybody(pacing: CallPacing) -> None:
    take(pacing, ANNA, TWO_AT_A_TIME)

    pacing.hold(BOOKS, ANNA, reason="no token: status 401", now=NOON)
    pacing.hold(BOOKS, BERT, reason="no invoice: status 401", now=NOON + timedelta(seconds=1))

    held = NotYet(waiting_for=Waiting.CREDENTIALS, reason="no token: status 401")
    assert take(pacing, ANNA, TWO_AT_A_TIME) == take(pacing, BERT, TWO_AT_A_TIME, after=7_200) == held
    assert pacing.line(BOOKS).hold == Hold("v1", NOON, "no token: status 401")


def test_other_credentials_end_the_hold(pacing: CallPacing) -> None:
    pacing.hold(BOOKS, ANNA, reason="no token: status 401", now=NOON)

    assert isinstance(take(pacing, Caller(name="anna", credentials="v2"), TWO_AT_A_TIME), Turn)
    assert pacing.line(BOOKS).hold is None


def test_a_person_may_end_the_hold_once(pacing: CallPacing) -> None:
    pacing.hold(BOOKS, ANNA, reason="no token: status 401", now=NOON)

    assert [pacing.resume(BOOKS), pacing.resume(BOOKS)] == [True, False]
    assert isinstance(take(pacing, BERT, TWO_AT_A_TIME), Turn)


def test_what_a_document_takes_is_remembered_as_an_average(pacing: CallPacing) -> None:
    for seconds in (2.0, 4.0):
        take(pacing, ANNA, TWO_AT_A_TIME)
        pacing.give_back(BOOKS, ANNA, Usage(calls=4, seconds=seconds), now=NOON)

    line = pacing.line(BOOKS)
    assert line.usage == Usage(calls=4, seconds=2.2)
    assert line.served_at == NOON
    assert not line.permits


def test_each_connection_has_a_line_of_its_own(pacing: CallPacing) -> None:
    pacing.rest("acme/other", called_at=NOON, retry_after=timedelta(hours=1), now=NOON)

    assert isinstance(take(pacing, ANNA, ONE_A_SECOND), Turn)
