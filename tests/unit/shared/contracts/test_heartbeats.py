"""A heartbeat claims a count of a source's own events; one that cannot be understood is refused like any event."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.usage_event.registry import read_record
from shared.domain.exception_record import ExceptionCode
from shared.domain.time_period import Period
from shared.domain.usage.admission import AcceptanceHorizon
from shared.domain.usage.heartbeat import Heartbeat
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.verdict import Verdict
from tests.fakes.usage import as_bytes, heartbeat, usage_v2

TEN = datetime(2026, 1, 15, 10, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def read(event: dict[str, Any]) -> Verdict:
    (verdict,) = read_record(as_bytes(event))
    return verdict


def beat(**data: Any) -> dict[str, Any]:
    """Return the heartbeat of seven events from ten to a quarter past, with other data."""
    event = heartbeat("2026-01-15T10:00:00Z", "2026-01-15T10:15:00Z", 7, sender="pod-1")
    event["data"] = {name: value for name, value in (event["data"] | data).items() if value is not None}
    return event


def test_a_heartbeat_is_read_as_it_was_sent() -> None:
    assert read(beat()) == Heartbeat(
        source="urn:acme:gateway",
        event_id="beat-1",
        sender="pod-1",
        claimed=Period(TEN, TEN + QUARTER),
        events=7,
    )


def test_a_source_that_counts_as_a_whole_names_no_sender() -> None:
    read_beat = read(beat(sender=None))

    assert isinstance(read_beat, Heartbeat)
    assert read_beat.sender == ""


def test_offsets_are_understood_and_none_is_as_good_as_zero() -> None:
    read_beat = read(beat(sent_from="2026-01-15T11:00:00+01:00", events=0))

    assert isinstance(read_beat, Heartbeat)
    assert (read_beat.claimed.start, read_beat.events) == (TEN, 0)


def test_what_a_heartbeat_names_as_its_contract_is_not_read() -> None:
    assert isinstance(read(beat() | {"dataschema": "urn:usage-contract:unheard_of:9"}), Heartbeat)


@pytest.mark.parametrize(
    "data",
    [
        {"events": -1},
        {"events": 1.5},
        {"events": 10**15},
        {"events": "7"},
        {"events": True},
        {"events": None},
        {"sent_from": None},
        {"sent_until": "2026-01-15T10:15:00"},
        {"sent_until": "2026-01-15T10:00:00Z"},
        {"sent_until": "2026-01-15T09:00:00Z"},
        {"sent_until": "2026-01-16T10:00:00.000001Z"},
        {"sent_from": "2026-02-30T10:00:00Z"},
        {"sender": ""},
        {"sender": "x" * 257},
        {"sender": 7},
        {"sequence": 1},
    ],
)
def test_a_claim_that_cannot_be_understood_is_refused(data: dict[str, Any]) -> None:
    refused = read(beat(**data))

    assert isinstance(refused, Rejected)
    assert (refused.code, refused.source, refused.event_id) == (
        ExceptionCode.CONTRACT_VIOLATION,
        "urn:acme:gateway",
        "beat-1",
    )
    assert refused.occurred_at is None


def test_the_longest_claim_is_a_day() -> None:
    assert isinstance(read(beat(sent_until="2026-01-16T10:00:00Z")), Heartbeat)


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (timedelta(days=35), None),
        (timedelta(days=35, microseconds=1), ExceptionCode.EVENT_TOO_OLD),
        (-timedelta(minutes=5), None),
        (-timedelta(minutes=5, microseconds=1), ExceptionCode.EVENT_IN_THE_FUTURE),
    ],
)
def test_a_heartbeat_is_judged_by_the_start_of_its_claim(age: timedelta, code: ExceptionCode | None) -> None:
    """A source whose clock is hours ahead claims a time that has not come."""
    said = read(beat())
    assert isinstance(said, Heartbeat)

    refusal = AcceptanceHorizon.of(days=35, future_seconds=300).refusal(said, TEN + age)

    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("event", "occurred_at"),
    [
        (usage_v2(data={}), datetime(2026, 1, 15, 10, 7, 31, 250_000, tzinfo=UTC)),
        (usage_v2(dataschema="urn:usage-contract:unheard_of:9"), datetime(2026, 1, 15, 10, 7, 31, 250_000, tzinfo=UTC)),
        (usage_v2(time="yesterday"), None),
        (beat(events=-1), None),
    ],
)
def test_refused_usage_keeps_the_time_it_names_so_that_it_counts_as_arrived(
    event: dict[str, Any], occurred_at: datetime | None
) -> None:
    refused = read(event)

    assert isinstance(refused, Rejected)
    assert refused.occurred_at == occurred_at
