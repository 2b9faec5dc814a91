"""In no minute more calls leave than an ERP permits, and hardly fewer."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from shared.domain.posting.pacing import (
    LONGEST_REST,
    LONGEST_REST_ASKED_FOR,
    Caller,
    CallLimits,
    Line,
    Permit,
    Turn,
    rested,
    turn_of,
)
from tests.fakes.in_memory_call_pacing import InMemoryCallPacing

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("calls_per_minute", [10, 60, 300, 1_200])
def test_the_permitted_rate_is_held_and_never_broken(calls_per_minute: int) -> None:
    limits = CallLimits(concurrency=5, calls_per_minute=calls_per_minute)
    random, pacing, now, calls = Random(calls_per_minute), InMemoryCallPacing(), NOON, list[datetime]()
    while len(calls) < 3 * calls_per_minute:
        caller = Caller(name=random.choice("abcde"), credentials="v1")
        turn = pacing.take("acme/books", caller, limits, now=now, patience=MINUTE)
        assert isinstance(turn, Turn)
        now = max(now, turn.at)
        calls.append(turn.at)

    for first, behind in zip(calls, calls[calls_per_minute:], strict=False):
        assert behind - first >= MINUTE
    assert calls[-1] - calls[0] <= 3 * MINUTE / 0.97


def test_a_caller_looks_for_a_permit_where_others_do_not() -> None:
    limits = CallLimits(concurrency=5)
    callers = [Caller(name=f"worker-{number}", credentials="v1") for number in range(50)]

    turns = [turn_of(caller, Line(), limits, now=NOON, patience=MINUTE) for caller in callers]

    assert {turn.permit for turn in turns if isinstance(turn, Turn)} == set(range(5))


def test_a_permit_beyond_a_lowered_limit_is_not_kept() -> None:
    line = Line(permits={4: Permit("anna", NOON + MINUTE)})

    turn = turn_of(Caller(name="anna", credentials="v1"), line, CallLimits(concurrency=2), now=NOON, patience=MINUTE)

    assert isinstance(turn, Turn)
    assert turn.permit < 2


def test_no_rest_is_longer_than_a_person_would_expect() -> None:
    line = Line()
    for number in range(40):
        now = NOON + number * MINUTE
        line = rested(line, called_at=now, retry_after=None, now=now)
    assert line.next_slot == now + LONGEST_REST

    asked = rested(Line(), called_at=NOON, retry_after=timedelta(days=400), now=NOON)
    assert asked.next_slot == NOON + LONGEST_REST_ASKED_FOR


def test_strikes_are_forgiven_after_a_while() -> None:
    line = rested(Line(), called_at=NOON, retry_after=None, now=NOON)
    later = NOON + timedelta(minutes=6)

    assert rested(line, called_at=later, retry_after=None, now=later).strikes == 1
