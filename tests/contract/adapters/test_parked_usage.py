"""Every keeper of parked usage keeps it until it is released, and tells when a group has nothing left."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.parked_usage import DynamoParkedUsage
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import MeterCode, TenantId
from shared.domain.master_data.customer import ALWAYS
from shared.domain.time_period import Period
from shared.domain.usage.parked import ParkedEvent, ParkedGroup
from shared.ports.parked_usage import ParkedUsage
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.catalog import OCCURRED_AT, accepted
from tests.fakes.in_memory_parked_usage import InMemoryParkedUsage

PARKED_AT = datetime(2026, 3, 15, 10, 8, tzinfo=UTC)
LATER = PARKED_AT + timedelta(days=5)
WAYNE = ParkedGroup(ExceptionCode.UNKNOWN_CUSTOMER, "wayne", MeterCode("api_calls"))


@pytest.fixture(params=["in memory", "dynamodb"])
def parked(request: pytest.FixtureRequest) -> Iterator[ParkedUsage]:
    if request.param == "in memory":
        yield InMemoryParkedUsage()
        return
    with mock_aws():
        yield DynamoParkedUsage(aws.dynamodb(), create_table("parked-usage"), TenantId("nimbus"))


def waiting(number: int = 1, *, attempt: str = "shardId-0:1@v1", subject: str = "wayne") -> ParkedEvent:
    return ParkedEvent(
        usage=accepted(number, subject=subject),
        code=ExceptionCode.UNKNOWN_CUSTOMER,
        reason="no customer goes by the subject",
        attempt=attempt,
    )


def counts(parked: ParkedUsage) -> dict[ParkedGroup, int]:
    waiting = {one.group: len(list(parked.parked(one.group, ALWAYS))) for one in parked.open_groups()}
    return {group: count for group, count in waiting.items() if count}


def test_what_is_parked_comes_back_as_it_was(parked: ParkedUsage) -> None:
    parked.park([waiting(1), waiting(2)], PARKED_AT)

    assert list(parked.parked(WAYNE, ALWAYS)) == [waiting(1), waiting(2)]
    assert counts(parked) == {WAYNE: 2}


def test_what_meters_measure_of_one_event_waits_meter_by_meter(parked: ParkedUsage) -> None:
    of_traffic, of_calls = (
        ParkedEvent(
            usage=replace(accepted(1), for_meter=MeterCode(meter)),
            code=ExceptionCode.UNMEASURABLE_USAGE,
            reason="the event has no attribute bytes",
            attempt="shardId-0:1@v1",
        )
        for meter in ("traffic", "api_calls")
    )
    parked.park([of_traffic, of_calls], PARKED_AT)

    parked.mark_released([of_calls])

    assert list(parked.parked(of_traffic.group, ALWAYS)) == [of_traffic]
    assert list(parked.parked(of_calls.group, ALWAYS)) == []
    assert set(parked.parked_deliveries()) == {
        "shardId-000000000000:1001:0 traffic",
        "shardId-000000000000:1001:0 api_calls",
    }


def test_what_waits_comes_in_the_order_in_which_it_happened(parked: ParkedUsage) -> None:
    times = {10: OCCURRED_AT, 2: OCCURRED_AT, 1: OCCURRED_AT + timedelta(hours=1), 3: OCCURRED_AT - timedelta(hours=1)}
    events = [
        replace(waiting(number), usage=accepted(number, subject="wayne", occurred_at=at))
        for number, at in times.items()
    ]

    parked.park(events, PARKED_AT)

    assert [event.usage.event.event_id for event in parked.parked(WAYNE, ALWAYS)] == [
        "call-3",
        "call-2",
        "call-10",
        "call-1",
    ]


def test_only_what_happened_in_the_period_is_read(parked: ParkedUsage) -> None:
    instant = timedelta(microseconds=1)
    times = (OCCURRED_AT - instant, OCCURRED_AT, OCCURRED_AT + instant, OCCURRED_AT + 2 * instant)
    events = [
        replace(waiting(number), usage=accepted(number, subject="wayne", occurred_at=at))
        for number, at in enumerate(times)
    ]
    parked.park(events, PARKED_AT)
    parked.mark_released(events[1:2])

    within = parked.parked(WAYNE, Period(OCCURRED_AT, OCCURRED_AT + 2 * instant))

    assert [event.usage.event.event_id for event in within] == ["call-2"]
    from_then_on = parked.parked(WAYNE, Period(OCCURRED_AT + instant, None))
    assert [event.usage.event.event_id for event in from_then_on] == ["call-2", "call-3"]


def test_a_group_waits_until_its_last_event_is_released(parked: ParkedUsage) -> None:
    events = [waiting(number) for number in range(120)]
    parked.park(events, PARKED_AT)
    parked.mark_released(events[:-1])

    assert parked.waits(WAYNE)
    parked.mark_released(events)
    assert not parked.waits(WAYNE)


def test_parking_twice_is_parking_once(parked: ParkedUsage) -> None:
    parked.park([waiting(1)], PARKED_AT)
    parked.park([waiting(1)], PARKED_AT)

    assert counts(parked) == {WAYNE: 1}


def test_what_is_released_no_longer_waits_and_is_still_on_record(parked: ParkedUsage) -> None:
    parked.park([waiting(1), waiting(2)], PARKED_AT)
    parked.mark_released([waiting(1)])
    parked.mark_released([waiting(1)])

    assert list(parked.parked(WAYNE, ALWAYS)) == [waiting(2)]
    assert set(parked.parked_deliveries()) == {"shardId-000000000000:1001:0", "shardId-000000000000:1002:0"}


def test_what_comes_back_after_its_release_waits_anew(parked: ParkedUsage) -> None:
    parked.park([waiting(1)], PARKED_AT)
    parked.mark_released([waiting(1)])

    parked.park([waiting(1, attempt="shardId-0:9@v2")], LATER)

    assert list(parked.parked(WAYNE, ALWAYS)) == [waiting(1, attempt="shardId-0:9@v2")]


def test_a_late_repeat_of_a_parking_does_not_undo_the_release(parked: ParkedUsage) -> None:
    parked.park([waiting(1)], PARKED_AT)
    parked.mark_released([waiting(1)])

    parked.park([waiting(1)], PARKED_AT)

    assert counts(parked) == {}


def test_deliveries_that_begin_alike_are_kept_apart(parked: ParkedUsage) -> None:
    parked.park([waiting(1), waiting(10), waiting(100)], PARKED_AT)
    parked.mark_released([waiting(10)])

    assert {event.usage.event.event_id for event in parked.parked(WAYNE, ALWAYS)} == {"call-1", "call-100"}


def test_a_settled_and_closed_group_is_no_longer_looked_at(parked: ParkedUsage) -> None:
    parked.park([waiting(1)], PARKED_AT)
    parked.mark_released([waiting(1)])
    (group,) = parked.open_groups()

    settled_at = parked.settle(group, LATER)

    assert settled_at == LATER
    assert [opened.group for opened in parked.open_groups()] == [WAYNE]  # until the exception is resolved
    parked.close(group, LATER)
    assert list(parked.open_groups()) == []


def test_a_group_that_grew_since_it_was_read_is_not_settled(parked: ParkedUsage) -> None:
    parked.park([waiting(1)], PARKED_AT)
    (as_read,) = parked.open_groups()
    parked.park([waiting(2, attempt="shardId-0:2@v1")], PARKED_AT)

    assert parked.settle(as_read, LATER) is None


def test_a_group_that_grew_while_it_was_settled_is_not_closed(parked: ParkedUsage) -> None:
    parked.park([waiting(1)], PARKED_AT)
    (group,) = parked.open_groups()
    settled_at = parked.settle(group, LATER)
    assert settled_at is not None
    parked.park([waiting(2, attempt="shardId-0:2@v1")], LATER)

    parked.close(group, settled_at)

    assert [opened.group for opened in parked.open_groups()] == [WAYNE]


def test_an_exception_is_raised_later_than_the_last_one_was_resolved_even_within_one_instant(
    parked: ParkedUsage,
) -> None:
    first = parked.park([waiting(1)], PARKED_AT)[WAYNE]
    (group,) = parked.open_groups()
    settled_at = parked.settle(group, PARKED_AT)
    assert settled_at is not None
    parked.close(group, settled_at)

    again = parked.park([waiting(2, attempt="shardId-0:2@v1")], PARKED_AT)[WAYNE]

    assert first <= settled_at < again


def test_subjects_and_meters_of_any_text_have_groups_of_their_own(parked: ParkedUsage) -> None:
    subjects = ["wayne#1", "wayne", "wayne/api_calls", "☁" * 256]

    parked.park([waiting(number, subject=subject) for number, subject in enumerate(subjects)], PARKED_AT)

    assert sorted(group.subject for group in counts(parked)) == sorted(subjects)


def test_more_than_one_call_takes_is_all_kept(parked: ParkedUsage) -> None:
    parked.park([waiting(number) for number in range(130)], PARKED_AT)

    assert counts(parked) == {WAYNE: 130}
