"""A producer tells how much of which time the stream has confirmed to it, and that it is alive."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fakes.scripted_kinesis import ClientError, Entry, ScriptedKinesis, fail_after, refuse_all, take_all
from tests.fakes.steady_clock import SteadyClock
from usage_producer import NotOnTheStreamError, UsageEvent, UsageProducer, amend, void
from usage_producer.heartbeat import MOST_IDS, Counts
from usage_producer.sending import MAX_ATTEMPTS

TEN = datetime(2026, 3, 15, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GATEWAY = "urn:acme:gateway"
DENIED = ClientError("AccessDeniedException")
PATIENCE_SECONDS = 30  # for what takes milliseconds


def event(number: int, *, minute: float = 0, source: str = GATEWAY) -> UsageEvent:
    return UsageEvent(
        source=source,
        record_key=f"request-{number}",
        subject="acme",
        meter="api_calls",
        occurred_at=TEN + minute * MINUTE,
    )


class Beating:
    """A producer that promises heartbeats for the gateway, at five past ten."""

    def __init__(self) -> None:
        heard_of = threading.Event()

        def take_first(stream: ScriptedKinesis, entries: Sequence[Entry]) -> list[dict[str, str]]:
            answer = take_all(stream, entries)
            heard_of.set()
            return answer

        self.stream = ScriptedKinesis(take_first)
        self.clock = SteadyClock(TEN + 5 * MINUTE)
        self.producer = UsageProducer(
            self.stream,
            "usage-events",
            linger_seconds=3600,
            heartbeat_sources=[GATEWAY],
            heartbeat_seconds=3600,
            sleep=lambda _: None,
            now=self.clock.now,
        )
        assert heard_of.wait(PATIENCE_SECONDS)

    def claims(self) -> list[tuple[str, int]]:
        """Return the start and the count of each heartbeat that the stream has, in order."""
        return [(each["data"]["sent_from"][11:16], each["data"]["events"]) for each in self.heartbeats()]

    def heartbeats(self) -> list[dict[str, Any]]:
        return [each for each in self.stream.events() if each["type"] == "usage.heartbeat"]


@pytest.fixture
def beating() -> Iterator[Beating]:
    made = Beating()
    with made.producer:
        yield made


def test_a_heartbeat_says_who_counted_what(beating: Beating) -> None:
    beating.producer.send(event(1))
    beating.producer.flush()

    first, second = beating.heartbeats()
    assert second == {
        "specversion": "1.0",
        "id": second["id"],
        "source": GATEWAY,
        "type": "usage.heartbeat",
        "time": "2026-03-15T10:05:00.000000Z",
        "data": {
            "sender": first["data"]["sender"],
            "sent_from": "2026-03-15T10:00:00.000000Z",
            "sent_until": "2026-03-15T10:15:00.000000Z",
            "events": 1,
        },
    }


def test_a_producer_with_nothing_to_send_is_alive(beating: Beating) -> None:
    assert beating.claims() == [("10:00", 0)]


def test_counts_are_of_the_events_own_time_and_grow(beating: Beating) -> None:
    for number, minute in enumerate((0, 14.9, 15, -40)):
        beating.producer.send(event(number, minute=minute))
    beating.producer.flush()
    beating.producer.send(event(9, minute=1))
    beating.producer.flush()

    assert sorted(beating.claims()[1:4]) == [("09:15", 1), ("10:00", 2), ("10:15", 1)]
    assert beating.claims()[4:] == [("10:00", 3)]


def test_a_repeat_counts_once(beating: Beating) -> None:
    for _ in range(3):
        beating.producer.send(event(1))
        beating.producer.flush()

    assert beating.claims()[1:] == [("10:00", 1)]


def test_an_amendment_is_usage_of_its_own_time_and_a_void_is_none(beating: Beating) -> None:
    beating.producer.send(amend(event(1, minute=16), event(1), reason="its clock was ahead"))
    beating.producer.send(void(event(2), reason="load test"))
    beating.producer.flush()

    assert beating.claims()[1:] == [("10:00", 1)]


def test_only_sources_that_were_promised_are_counted(beating: Beating) -> None:
    beating.producer.send(event(1, source="urn:acme:importer"))
    beating.producer.flush()

    assert beating.claims() == [("10:00", 0)]


def test_what_was_counted_last_is_told_when_the_producer_is_closed() -> None:
    beating = Beating()
    with beating.producer as producer:
        producer.send(event(1))

    assert beating.claims() == [("10:00", 0), ("10:00", 1)]


def test_what_the_stream_did_not_confirm_is_not_counted_until_it_is() -> None:
    """An answer that is lost leaves it open whether the events are there: to claim them would be a guess."""
    beating = Beating()
    beating.stream.follow(*[refuse_all] * MAX_ATTEMPTS)
    with beating.producer as producer:
        producer.send(event(1))
        with pytest.raises(NotOnTheStreamError):
            producer.flush()
        assert beating.claims() == [("10:00", 0)]
        producer.send(event(1))

    assert beating.claims() == [("10:00", 0), ("10:00", 1)]


def test_a_heartbeat_that_fails_is_made_up_for_and_fails_nobody(caplog: pytest.LogCaptureFixture) -> None:
    beating = Beating()
    beating.stream.follow(take_all, fail_after(DENIED))  # the event, then its heartbeat
    with beating.producer as producer:
        producer.send(event(1))
        producer.flush()
        assert "heartbeat not confirmed: ClientError" in caplog.text
        producer.send(event(2))

    assert beating.claims()[-1] == ("10:00", 2)


def test_without_a_promise_there_are_no_heartbeats() -> None:
    stream = ScriptedKinesis()
    with UsageProducer(stream, "usage-events", linger_seconds=3600) as producer:
        producer.send(event(1))

    assert [each["type"] for each in stream.events()] == ["usage.recorded"]


class Counting:
    """Counts alone, with everything told at once."""

    def __init__(self) -> None:
        self.clock = SteadyClock(TEN)
        self.counts = Counts([GATEWAY], self.clock.now)
        self.sums: dict[tuple[datetime, str], int] = {}

    def tell(self) -> int:
        """Tell what has changed; return how many heartbeats that took."""
        heartbeats = 0
        for record in self.counts.untold(signs_of_life=False):
            for each in record.heartbeats:
                self.sums[each.tally.start, each.tally.sender] = each.events
                heartbeats += 1
            self.counts.told(record)
        return heartbeats

    def total(self) -> int:
        return sum(self.sums.values())


def test_the_ids_held_are_bounded_and_no_event_is_left_out_of_the_sum() -> None:
    counting = Counting()
    for number in range(MOST_IDS + 10):
        counting.counts.confirmed(event(number))

    assert counting.tell() == 2
    assert counting.total() == MOST_IDS + 10


def test_long_after_a_period_later_events_of_it_are_added_by_another_sender() -> None:
    counting = Counting()
    counting.counts.confirmed(event(1))
    counting.tell()
    counting.clock.instant = TEN + 80 * MINUTE
    counting.tell()

    counting.counts.confirmed(event(2))
    counting.tell()

    assert len(counting.sums) == 2
    assert counting.total() == 2


def test_a_count_that_could_not_be_told_is_kept_however_long_that_takes() -> None:
    counting = Counting()
    counting.counts.confirmed(event(1))
    for hours in range(10):
        counting.clock.instant = TEN + hours * 60 * MINUTE
        counting.counts.untold(signs_of_life=True)

    counting.tell()
    assert counting.total() == 1


@pytest.mark.parametrize("days", [-36, 36])
def test_usage_that_ingest_will_not_take_is_not_claimed(days: int) -> None:
    counting = Counting()
    counting.counts.confirmed(event(1, minute=days * 1440))

    assert counting.tell() == 0


def test_many_heartbeats_share_records() -> None:
    counting = Counting()
    for quarter in range(120):
        counting.counts.confirmed(event(quarter, minute=-15 * quarter))

    assert [len(record.heartbeats) for record in counting.counts.untold(signs_of_life=False)] == [50, 50, 20]
