"""Packing: full records at once, lonely events after their linger, never more than the buffer's bound."""

from datetime import UTC, datetime

from usage_producer import UsageEvent
from usage_producer.buffer import PACK_BYTES, Buffer
from usage_producer.sending import MAX_BYTES_A_CALL, Pack

NOON = 1000.0


def event(number: int, *, note: str = "") -> UsageEvent:
    return UsageEvent(
        source="urn:acme:gateway",
        record_key=f"request-{number}",
        subject="acme",
        meter="api_calls",
        occurred_at=datetime(2026, 3, 15, tzinfo=UTC),
        dimensions={"note": note} if note else {},
    )


def filled(events: int, *, lanes: int = 1, note: str = "") -> Buffer:
    buffer = Buffer(limit_bytes=10**9, linger_seconds=0.2)
    for number in range(events):
        one = event(number, note=note)
        buffer.add(number % lanes, one, one.encoded(), NOON)
    return buffer


def keys_of(pack: Pack) -> list[str]:
    return [waiting.event.record_key for waiting in pack.waiting if isinstance(waiting.event, UsageEvent)]


def test_events_of_a_lane_share_a_record_in_the_order_in_which_they_came() -> None:
    buffer = filled(6, lanes=2)

    buffer.seal_all()

    assert [keys_of(pack) for pack in buffer.take_call()] == [
        ["request-0", "request-2", "request-4"],
        ["request-1", "request-3", "request-5"],
    ]


def test_a_lonely_event_waits_for_company_as_long_as_it_may_and_no_longer() -> None:
    buffer = filled(1)

    buffer.seal_due(NOON + 0.19)
    early = buffer.take_call()
    buffer.seal_due(NOON + 0.2)

    assert (len(early), len(buffer.take_call())) == (0, 1)
    assert buffer.due_at() is None


def test_the_first_event_decides_when_its_record_is_due() -> None:
    buffer = filled(1)
    late = event(2)

    _, is_news = buffer.add(0, late, late.encoded(), NOON + 0.15)

    assert (buffer.due_at(), is_news) == (NOON + 0.2, False)


def test_a_record_fills_one_payload_unit_and_is_not_held_back_then() -> None:
    buffer = filled(1000)

    packs = buffer.take_call()

    assert len(packs) > 5
    assert all(PACK_BYTES * 0.95 < len(pack.entry()["Data"]) <= pack.size <= PACK_BYTES for pack in packs)


def test_an_event_larger_than_a_unit_travels_alone() -> None:
    buffer = filled(1)
    heavy = UsageEvent(
        source="urn:acme:gateway",
        record_key="heavy",
        subject="acme",
        meter="api_calls",
        occurred_at=datetime(2026, 3, 15, tzinfo=UTC),
        dimensions={f"{n:02}" + "\U0001f6dd" * 254: "\U0001f6dd" * 256 for n in range(16)},
    )

    _, is_news = buffer.add(0, heavy, heavy.encoded(), NOON)

    assert is_news
    assert [len(pack.waiting) for pack in buffer.take_call()] == [1, 1]


def test_a_call_holds_no_more_than_kinesis_takes() -> None:
    many_small, much = filled(600, lanes=600), filled(6_000, note="\U0001f6dd" * 256)
    many_small.seal_all()

    assert [len(many_small.take_call()) for _ in range(3)] == [500, 100, 0]
    assert 4_000_000 < sum(pack.size for pack in much.take_call()) <= MAX_BYTES_A_CALL


def test_room_is_taken_until_it_is_given_back() -> None:
    one = event(1)
    size = len(one.encoded())
    buffer = Buffer(limit_bytes=2 * size, linger_seconds=0.2)

    buffer.add(0, one, one.encoded(), NOON)
    buffer.add(0, one, one.encoded(), NOON)
    full = buffer.has_room_for(1)
    buffer.release(size)

    assert (full, buffer.has_room_for(size), buffer.has_room_for(size + 1)) == (False, True, False)
