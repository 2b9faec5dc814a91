"""A correction is an event that names its original, with an id that depends on nothing else."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.scripted_kinesis import ScriptedKinesis
from usage_producer import (
    InvalidUsageError,
    Original,
    UsageAmendment,
    UsageEvent,
    UsageProducer,
    UsageVoid,
    amend,
    event_id,
    void,
)

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "producers.md"
AT = datetime(2026, 3, 15, 10, 7, tzinfo=UTC)
CALL: dict[str, Any] = {
    "source": "urn:acme:gateway",
    "record_key": "request-7001",
    "subject": "acme",
    "meter": "api_calls",
    "occurred_at": AT,
}
ROW: dict[str, Any] = {"source": "urn:acme:importer", "id": "row 17", "subject": "acme", "occurred_at": AT}
WRONG = UsageEvent(**CALL, quantity=2048)
RIGHT = UsageEvent(**CALL, quantity=2)


def wire(correction: UsageVoid | UsageAmendment) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(correction.encoded())
    return event


def test_a_void_names_its_original_and_where_that_is_counted() -> None:
    built = void(WRONG, reason="load test against production")

    assert wire(built) == {
        "specversion": "1.0",
        "id": built.id,
        "source": "urn:acme:gateway",
        "type": "usage.voided",
        "subject": "acme",
        "time": "2026-03-15T10:07:00.000000Z",
        "data": {"id": WRONG.id, "reason": "load test against production"},
    }


def test_an_amendment_is_the_usage_that_counts_instead() -> None:
    built = amend(WRONG, RIGHT, reason="bytes were counted as requests")

    assert wire(built) == {
        "specversion": "1.0",
        "id": built.id,
        "source": "urn:acme:gateway",
        "type": "usage.amended",
        "subject": "acme",
        "time": "2026-03-15T10:07:00.000000Z",
        "dataschema": "urn:usage-contract:usage:2",
        "data": {
            "id": WRONG.id,
            "reason": "bytes were counted as requests",
            "usage": {"meter": "api_calls", "quantity": 2},
        },
    }


def test_usage_that_moves_says_where_its_original_is_counted() -> None:
    moved = UsageEvent(**CALL | {"subject": "globex", "occurred_at": AT + timedelta(hours=1)})

    built = wire(amend(WRONG, moved, reason="the key was globex's"))

    assert (built["subject"], built["time"]) == ("globex", "2026-03-15T11:07:00.000000Z")
    assert (built["data"]["subject"], built["data"]["time"]) == ("acme", "2026-03-15T10:07:00.000000Z")


def test_the_same_instant_in_another_zone_is_no_other_time() -> None:
    berlin = UsageEvent(**CALL | {"occurred_at": AT.astimezone(timezone(timedelta(hours=1)))})

    assert "time" not in wire(amend(WRONG, berlin, reason="rounded"))["data"]


def test_a_corrections_id_depends_on_its_original_alone() -> None:
    """So a retry repeats it, and one original is not replaced twice by whoever computes anew."""
    assert void(WRONG, reason="load test").id == void(RIGHT, reason="it was free").id
    assert amend(WRONG, RIGHT, reason="bytes").id == amend(WRONG, WRONG, reason="kilobytes").id
    assert len({WRONG.id, void(WRONG, reason="x").id, amend(WRONG, RIGHT, reason="x").id}) == 3


def test_the_guide_has_the_same_ids() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    original = event_id("urn:acme:gateway", "request-7001", "api_calls")

    assert f"| `urn:acme:gateway` | `{original}` | `usage.voided` | `{void(WRONG, reason='x').id}` |" in guide
    assert f"| `urn:acme:gateway` | `{original}` | `usage.amended` | `{amend(WRONG, RIGHT, reason='x').id}` |" in guide


def test_what_amends_can_be_amended_and_voided() -> None:
    first = amend(WRONG, RIGHT, reason="bytes were counted as requests")
    again = amend(first, UsageEvent(**CALL, quantity=3), reason="one was missed")

    assert wire(again)["data"]["id"] == first.id
    assert wire(void(again, reason="it was free"))["data"]["id"] == again.id
    assert len({first.id, again.id}) == 2


def test_an_event_from_elsewhere_is_named_by_what_it_was_sent_with() -> None:
    assert wire(void(Original(**ROW), reason="counted twice"))["data"]["id"] == "row 17"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"source": ""}, "source is empty"),
        ({"id": "x" * 257}, "id has 257 characters, 256 at most"),
        ({"subject": None}, "subject is NoneType, not text"),
        ({"occurred_at": datetime(2026, 3, 15)}, "occurred_at has no offset"),  # noqa: DTZ001 - that is the fault
    ],
)
def test_an_original_that_cannot_be_named_is_refused_in_words(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidUsageError) as refused:
        Original(**ROW | changes)

    assert str(refused.value).startswith(told)


@pytest.mark.parametrize("reason", ["", "x" * 257, "a\nb", None])
def test_a_correction_says_why_in_clean_text(reason: Any) -> None:
    with pytest.raises(InvalidUsageError, match="reason"):
        void(WRONG, reason=reason)
    with pytest.raises(InvalidUsageError, match="reason"):
        amend(WRONG, RIGHT, reason=reason)


def test_usage_of_another_source_is_no_amendment() -> None:
    elsewhere = UsageEvent(**CALL | {"source": "urn:acme:importer"})

    with pytest.raises(InvalidUsageError, match="another source"):
        amend(WRONG, elsewhere, reason="sent by the wrong service")


def test_the_largest_amendment_there_is_fits_the_contract() -> None:
    widest = "\U0001f6dd" * 256
    usage = UsageEvent(
        source=widest,
        record_key="k",
        subject=widest,
        meter=widest,
        occurred_at=AT,
        unique_key=widest,
        dimensions={f"{n:02}" + "\U0001f6dd" * 254: widest for n in range(16)},
    )
    original = Original(source=widest, id=widest, subject=widest[1:], occurred_at=AT - timedelta(days=1))

    assert len(amend(original, usage, reason=widest).encoded()) < 64 * 1024


def test_corrections_are_sent_as_events_are() -> None:
    stream = ScriptedKinesis()
    corrections: list[UsageVoid | UsageAmendment] = [
        void(WRONG, reason="load test"),
        amend(WRONG, RIGHT, reason="bytes were counted as requests"),
    ]

    with UsageProducer(stream, "usage-events", linger_seconds=3600) as producer:
        receipts = [producer.send(each) for each in corrections]

    assert [receipt.result(0).event_id for receipt in receipts] == [each.id for each in corrections]
    assert stream.events() == [wire(each) for each in corrections]
