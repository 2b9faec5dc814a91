"""Nothing is called sent before the stream has it, and nothing is lost without somebody being told."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.scripted_kinesis import (
    ClientError,
    Entry,
    ScriptedKinesis,
    Step,
    answer_too_little,
    fail_after,
    fail_before,
    refuse,
    refuse_all,
    take_all,
)
from usage_producer import (
    BufferFullError,
    NotOnTheStreamError,
    ProducerClosedError,
    Receipt,
    UsageEvent,
    UsageProducer,
)
from usage_producer.sending import MAX_ATTEMPTS

PATIENCE_SECONDS = 30  # for what takes milliseconds


def event(number: int, *, subject: str = "acme") -> UsageEvent:
    return UsageEvent(
        source="urn:acme:gateway",
        record_key=f"request-{number}",
        subject=subject,
        meter="api_calls",
        occurred_at=datetime(2026, 3, 15, tzinfo=UTC),
    )


class Sending:
    """A producer over a scripted stream that sends when it is told to, with its pauses noted instead of slept."""

    def __init__(self, *script: Step, linger_seconds: float = 3600, **settings: Any) -> None:
        self.stream = ScriptedKinesis(*script)
        self.pauses: list[float] = []
        self.producer = UsageProducer(
            self.stream,
            "usage-events",
            linger_seconds=linger_seconds,
            sleep=self.pauses.append,
            chance=lambda: 1.0,
            **settings,
        )

    def ids(self) -> list[str]:
        return [event["id"] for event in self.stream.events()]


# One subject in each of the four lanes, so that each makes a record of its own.
SUBJECTS = ("initech", "acme", "umbrella", "stark")


def of_every_lane() -> list[UsageEvent]:
    return [event(number, subject=subject) for number, subject in enumerate(SUBJECTS)]


def test_a_receipt_says_where_the_stream_holds_the_event() -> None:
    sending = Sending()

    with sending.producer as producer:
        receipts = [producer.send(event(number)) for number in (1, 2)]

    assert [receipt.result(0) for receipt in receipts] == [
        Receipt(
            source="urn:acme:gateway",
            event_id=event(number).id,
            shard_id="shardId-000000000000",
            sequence_number="1",
            index=index,
        )
        for index, number in enumerate((1, 2))
    ]


def test_no_receipt_before_the_stream_has_answered() -> None:
    asked, may_answer = threading.Event(), threading.Event()

    def answer_late(stream: ScriptedKinesis, entries: Sequence[Entry]) -> list[dict[str, str]]:
        asked.set()
        assert may_answer.wait(PATIENCE_SECONDS)
        return take_all(stream, entries)

    with Sending(answer_late, linger_seconds=0).producer as producer:
        receipt = producer.send(event(1))
        assert asked.wait(PATIENCE_SECONDS)
        done_too_early = receipt.done()
        may_answer.set()
        receipt.result(PATIENCE_SECONDS)

    assert not done_too_early
    assert not receipt.cancel()


def test_an_event_goes_out_by_itself_when_it_has_lingered() -> None:
    sending = Sending(linger_seconds=0.01)

    with sending.producer as producer:
        producer.send(event(1)).result(PATIENCE_SECONDS)
        assert sending.ids() == [event(1).id]


def test_subjects_of_every_lane_go_to_places_of_their_own() -> None:
    sending = Sending()

    with sending.producer as producer:
        for each in of_every_lane():
            producer.send(each)

    assert {(entry["PartitionKey"], entry["ExplicitHashKey"]) for entry in sending.stream.records} == {
        ("0", "0"),
        ("1", str(2**127)),
        ("2", str(2**126)),
        ("3", str(2**127 + 2**126)),
    }


def test_only_the_refused_records_are_put_again() -> None:
    sending = Sending(refuse(1, 3))

    with sending.producer as producer:
        receipts = [producer.send(each) for each in of_every_lane()]

    assert sending.stream.calls == [4, 2]
    assert sorted(sending.ids()) == sorted(each.id for each in of_every_lane())
    assert all(receipt.exception() is None for receipt in receipts)


def test_what_was_taken_is_confirmed_while_the_rest_is_still_tried() -> None:
    heard: list[str] = []

    def at_last(stream: ScriptedKinesis, entries: Sequence[Entry]) -> list[dict[str, str]]:
        heard.append("second call")
        return take_all(stream, entries)

    with Sending(refuse(1), at_last).producer as producer:
        first, *_ = [producer.send(each) for each in of_every_lane()]
        first.add_done_callback(lambda _: heard.append("first confirmed"))

    assert heard == ["first confirmed", "second call"]


def test_pauses_double_up_to_a_bound_and_chance_decides_how_much_of_each_is_taken() -> None:
    sending = Sending(*[refuse_all] * (MAX_ATTEMPTS - 1))

    with sending.producer as producer:
        producer.send(event(1))

    assert sending.pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0]


def test_a_busy_shard_is_waited_for_as_long_as_it_takes_something() -> None:
    sending = Sending(*[refuse_all] * (MAX_ATTEMPTS - 1), refuse(1, 2, 3), *[refuse_all] * (MAX_ATTEMPTS - 2))

    with sending.producer as producer:
        for each in of_every_lane():
            producer.send(each)

    assert sorted(sending.ids()) == sorted(each.id for each in of_every_lane())


def test_what_is_refused_to_the_end_comes_back_to_the_caller() -> None:
    sending = Sending(refuse(0), *[refuse_all] * MAX_ATTEMPTS)
    producer = sending.producer
    refused, taken = (producer.send(each) for each in of_every_lane()[:2])

    with pytest.raises(NotOnTheStreamError) as raised:
        producer.close()

    assert [failed.event for failed in raised.value.failed] == [of_every_lane()[0]]
    assert "ProvisionedThroughputExceededException: Rate exceeded" in raised.value.failed[0].reason
    assert isinstance(refused.exception(0), NotOnTheStreamError)
    assert taken.result(0).event_id == of_every_lane()[1].id


def test_leaving_the_block_does_not_hide_what_failed() -> None:
    with pytest.raises(NotOnTheStreamError), Sending(*[refuse_all] * MAX_ATTEMPTS).producer as producer:
        producer.send(event(1))


def test_what_failed_is_handed_over_once_and_can_be_sent_again() -> None:
    sending = Sending(*[refuse_all] * MAX_ATTEMPTS)

    with sending.producer as producer:
        producer.send(event(1))
        with pytest.raises(NotOnTheStreamError) as raised:
            producer.flush()
        for failed in raised.value.failed:
            producer.send(failed.event)

    assert sending.ids() == [event(1).id]


def test_asking_again_is_left_when_only_a_person_can_help() -> None:
    sending = Sending(fail_before(ClientError("AccessDeniedException")))
    sending.producer.send(event(1))

    with pytest.raises(NotOnTheStreamError, match="AccessDeniedException"):
        sending.producer.close()

    assert (sending.stream.calls, sending.pauses) == ([1], [])


@pytest.mark.parametrize(
    "failure",
    [
        fail_before(ClientError("ExpiredTokenException")),
        fail_before(ConnectionError("refused")),
        fail_before(TimeoutError()),
    ],
)
def test_a_call_that_fails_is_made_again(failure: Step) -> None:
    sending = Sending(failure)

    with sending.producer as producer:
        producer.send(event(1))

    assert sending.ids() == [event(1).id]


@pytest.mark.parametrize("answer", [fail_after(TimeoutError("read timed out")), answer_too_little])
def test_an_answer_that_is_lost_leaves_a_duplicate_of_the_same_identity_and_content(answer: Step) -> None:
    sending = Sending(answer)

    with sending.producer as producer:
        producer.send(event(1)).add_done_callback(lambda receipt: receipt.result(0))

    first, again = sending.stream.events()
    assert first == again


def test_a_service_that_died_sends_its_records_again_as_the_same_events() -> None:
    before, restarted = Sending(fail_after(SystemExit())), Sending()

    for life in (before, restarted):
        with life.producer as producer:
            for each in of_every_lane():
                producer.send(each)

    assert before.stream.events()[:4] == before.stream.events()[4:] == restarted.stream.events()


class SlowStream:
    """Answers its first call when it is let go, and all others at once."""

    def __init__(self, *, more: Sequence[Step] = (), **settings: Any) -> None:
        self.asked, self.let_go = threading.Event(), threading.Event()
        self.sending = Sending(self._answer_late, *more, linger_seconds=0, buffer_bytes=64 * 1024, **settings)

    def _answer_late(self, stream: ScriptedKinesis, entries: Sequence[Entry]) -> list[dict[str, str]]:
        self.asked.set()
        assert self.let_go.wait(PATIENCE_SECONDS)
        return take_all(stream, entries)


def send_many(producer: UsageProducer) -> None:
    for number in range(1000):
        producer.send(event(number))


def test_a_full_buffer_refuses_at_once_when_told_to() -> None:
    slow = SlowStream(room_within_seconds=0)

    with slow.sending.producer as producer:
        with pytest.raises(BufferFullError, match="bytes of events are held"):
            send_many(producer)
        slow.let_go.set()

    assert 100 < len(slow.sending.ids()) < 400


def test_a_full_buffer_makes_senders_wait_for_room_when_told_to() -> None:
    slow = SlowStream(room_within_seconds=PATIENCE_SECONDS)
    sender = threading.Thread(target=send_many, args=(slow.sending.producer,))

    with slow.sending.producer:
        sender.start()
        assert slow.asked.wait(PATIENCE_SECONDS)
        waits = sender.is_alive()
        slow.let_go.set()
        sender.join(PATIENCE_SECONDS)

    assert waits
    assert slow.sending.ids() == [event(number).id for number in range(1000)]


def test_flush_waits_for_its_own_events_though_later_ones_are_confirmed_before_them() -> None:
    """What other threads send meanwhile shares a call with it, and may be taken where the flushed event is not."""
    flushed = event(0, subject=SUBJECTS[0])
    decided: list[bool] = []

    def flush() -> None:
        producer.flush()
        decided.append(receipt.done())

    def refuse_flushed(stream: ScriptedKinesis, entries: Sequence[Entry]) -> list[dict[str, str]]:
        places = [place for place, entry in enumerate(entries) if flushed.id.encode() in entry["Data"]]
        return refuse(*places)(stream, entries)

    def take_when_flush_has_had_its_chance(stream: ScriptedKinesis, entries: Sequence[Entry]) -> list[dict[str, str]]:
        flushing.join(0.2)
        return take_all(stream, entries)

    slow = SlowStream(more=[refuse_flushed, take_when_flush_has_had_its_chance])
    producer = slow.sending.producer
    flushing = threading.Thread(target=flush)
    with producer:
        producer.send(event(1))
        assert slow.asked.wait(PATIENCE_SECONDS)
        receipt = producer.send(flushed)
        flushing.start()
        for number in range(2, 200):
            producer.send(event(number))
        slow.let_go.set()
        flushing.join(PATIENCE_SECONDS)

    assert decided == [True]


def test_failed_events_that_nobody_looks_at_stop_the_sender_in_the_end() -> None:
    nothing_there = fail_before(ClientError("ResourceNotFoundException"))
    sending = Sending(*[nothing_there] * 1000, linger_seconds=0, buffer_bytes=64 * 1024, room_within_seconds=0)
    failed: list[BaseException | None] = []

    with pytest.raises(BufferFullError, match="of the events have failed, and flush"):
        failed.extend(sending.producer.send(event(n)).exception(PATIENCE_SECONDS) for n in range(1000))

    with pytest.raises(NotOnTheStreamError) as raised:
        sending.producer.close()
    assert 100 < len(raised.value.failed) < 400


def test_a_closed_producer_takes_nothing_and_closes_twice() -> None:
    producer = Sending().producer
    producer.close()
    producer.close()

    with pytest.raises(ProducerClosedError):
        producer.send(event(1))


def test_many_threads_send_at_once_and_each_event_arrives_once() -> None:
    sending = Sending(*[refuse(0), take_all] * 20, linger_seconds=0.001)
    numbers = range(2000)

    with sending.producer as producer:
        threads = [
            threading.Thread(target=lambda start=start: [producer.send(event(n)) for n in numbers[start::8]])
            for start in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)

    assert sorted(sending.ids()) == sorted(event(number).id for number in numbers)


def test_a_callback_may_send_but_not_wait_for_its_own_thread() -> None:
    sending = Sending()
    refused: list[type[Exception]] = []

    def go_on(_receipt: object) -> None:
        sending.producer.send(event(2))
        try:
            sending.producer.flush()
        except RuntimeError as error:
            refused.append(type(error))

    with sending.producer as producer:
        producer.send(event(1)).add_done_callback(go_on)
        producer.flush()

    assert refused == [RuntimeError]
    assert sending.ids() == [event(1).id, event(2).id]


def test_a_callback_that_ends_its_thread_does_not_end_the_producers() -> None:
    sending = Sending()

    def leave(_receipt: object) -> None:
        raise SystemExit

    with sending.producer as producer:
        producer.send(event(1)).add_done_callback(leave)
        producer.send(event(2))

    assert sending.ids() == [event(1).id, event(2).id]


@pytest.mark.parametrize("settings", [{"lanes": 0}, {"buffer_bytes": 1000}])
def test_settings_that_could_send_nothing_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a producer needs"):
        Sending(**settings)
