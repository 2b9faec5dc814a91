"""Claims in any order say the same: too few events are always missing, too many contradict only what is decided."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.producers.claims import LATE_HEARTBEATS, Claim, ClaimedPeriod, Claims

TEN = datetime(2026, 3, 15, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOMORROW = TEN + timedelta(days=1)


def period(start: int, end: int, source: str = "gateway") -> ClaimedPeriod:
    """Return the period between two minutes after ten."""
    return ClaimedPeriod(source, TEN + start * MINUTE, TEN + end * MINUTE)


def claim(of: ClaimedPeriod, events: int, sender: str = "pod-1") -> Claim:
    return Claim(of, sender, events, of.end)


def mismatches(
    claims: list[Claim], here: dict[ClaimedPeriod, int], settled_before: datetime = TOMORROW
) -> list[tuple[ClaimedPeriod, int, int]]:
    gathered = Claims()
    for each in claims:
        gathered.add(each)
    return [(each.period, each.claimed, each.here) for each in gathered.mismatches(here, settled_before)]


FIRST, SECOND = period(0, 15), period(15, 30)


def test_as_many_as_were_claimed_is_no_mismatch() -> None:
    assert mismatches([claim(FIRST, 7), claim(SECOND, 0)], {FIRST: 7}) == []


def test_fewer_are_missing_and_more_contradict_the_heartbeat() -> None:
    assert mismatches([claim(FIRST, 7), claim(SECOND, 7)], {FIRST: 6, SECOND: 8}) == [(FIRST, 7, 6), (SECOND, 7, 8)]


def test_the_claims_of_several_senders_add_up() -> None:
    claims = [claim(FIRST, 7, "pod-1"), claim(FIRST, 5, "pod-2")]

    assert mismatches(claims, {FIRST: 12}) == []
    assert mismatches(claims, {FIRST: 7}) == [(FIRST, 12, 7)]


def test_a_heartbeat_that_comes_twice_or_grew_meanwhile_counts_once() -> None:
    claims = [claim(FIRST, 3), claim(FIRST, 3), claim(FIRST, 7), claim(FIRST, 5)]

    assert mismatches(claims, {FIRST: 7}) == []


def test_sources_do_not_meddle_with_each_other() -> None:
    other = period(5, 10, "importer")

    assert mismatches([claim(FIRST, 7), claim(other, 2)], {FIRST: 8, other: 2}) == [(FIRST, 7, 8)]


@pytest.mark.parametrize("overlapping", [period(5, 10), period(14, 29), period(-5, 1), period(-5, 45)])
def test_overlapping_claims_tell_what_is_missing_and_not_what_is_too_much(overlapping: ClaimedPeriod) -> None:
    """Whoever claims a part counts events that others have not seen."""
    claims = [claim(FIRST, 7, "pod-1"), claim(overlapping, 2, "pod-2"), claim(period(60, 75), 1)]

    assert mismatches(claims, {FIRST: 9, overlapping: 5, period(60, 75): 1}) == []
    assert mismatches(claims, {FIRST: 6, overlapping: 2, period(60, 75): 1}) == [(FIRST, 7, 6)]


def test_claims_that_only_touch_do_not_overlap() -> None:
    assert mismatches([claim(FIRST, 7), claim(SECOND, 7)], {FIRST: 8, SECOND: 7}) == [(FIRST, 7, 8)]


def test_too_many_are_told_only_when_heartbeats_have_had_the_time_to_come() -> None:
    decided = FIRST.end + LATE_HEARTBEATS

    assert mismatches([claim(FIRST, 7)], {FIRST: 8}, settled_before=decided - MINUTE) == []
    assert mismatches([claim(FIRST, 7)], {FIRST: 8}, settled_before=decided) == [(FIRST, 7, 8)]


def test_too_few_are_told_though_the_period_has_not_ended() -> None:
    assert mismatches([claim(FIRST, 7)], {FIRST: 6}, settled_before=TEN) == [(FIRST, 7, 6)]


claims_of_one_hour = st.lists(
    st.builds(
        lambda start, length, events, sender: claim(period(start, start + length), events, sender),
        st.integers(0, 8),
        st.integers(1, 4),
        st.integers(0, 3),
        st.sampled_from(["pod-1", "pod-2"]),
    ),
    max_size=8,
)


@given(claims_of_one_hour, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(claims: list[Claim], chance: object) -> None:
    shuffled = [*claims, *claims[:3]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    here = {each.period: 2 for each in claims}

    assert mismatches(shuffled, here) == mismatches(claims, here)


@given(claims_of_one_hour)
def test_only_a_period_that_no_other_overlaps_is_called_too_full(claims: list[Claim]) -> None:
    periods = {each.period for each in claims}
    alone = {one for one in periods if not any(_overlap(one, other) for other in periods - {one})}

    assert {found for found, _, _ in mismatches(claims, dict.fromkeys(periods, 100))} == alone


def _overlap(one: ClaimedPeriod, other: ClaimedPeriod) -> bool:
    return one.start < other.end and other.start < one.end
