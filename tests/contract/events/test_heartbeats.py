"""The schema of heartbeats says what the code does, the samples read as they are named, and the client builds such."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from shared.contracts.usage_event.registry import read_record
from shared.domain.time_period import Period
from shared.domain.usage.heartbeat import Heartbeat
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.verdict import Verdict
from usage_producer import UsageEvent
from usage_producer.heartbeat import Counts

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "shared/contracts/usage_event/schemas/heartbeat.json").read_text())
CHECK = fastjsonschema.compile(SCHEMA, use_default=False)
SAMPLE = json.loads((ROOT / "events/heartbeat.json").read_text())
VALUES: tuple[object, ...] = (
    "urn:acme",
    "",
    "x" * 257,
    "tab\t",
    None,
    True,
    7,
    -1,
    10**15,
    10**15 - 1,
    [],
    {},
    "2026-03-15T10:10:00Z",
)


def read(event: dict[str, Any]) -> Verdict:
    (verdict,) = read_record(json.dumps(event).encode())
    return verdict


def schema_takes(event: dict[str, Any]) -> bool:
    try:
        CHECK(event)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


def corpus() -> Iterator[dict[str, Any]]:
    """Yield the sample with each attribute and each member of its data left out, and with every odd value."""
    yield SAMPLE
    for name in ("specversion", "id", "source", "time", "data", "datacontenttype", "extra"):
        yield {key: value for key, value in SAMPLE.items() if key != name}
        yield from (SAMPLE | {name: value} for value in VALUES)
    for name in ("sender", "sent_from", "sent_until", "events", "misspelt"):
        yield SAMPLE | {"data": {key: value for key, value in SAMPLE["data"].items() if key != name}}
        yield from (SAMPLE | {"data": SAMPLE["data"] | {name: value}} for value in VALUES)


def test_schema_and_code_agree_on_every_heartbeat_of_the_corpus() -> None:
    taken = [(isinstance(read(event), Heartbeat), schema_takes(event), event) for event in corpus()]

    assert [event for by_code, by_schema, event in taken if by_code != by_schema] == []
    assert {by_code for by_code, _, _ in taken} == {True, False}


def test_the_sample_claims_what_it_says() -> None:
    start = datetime(2026, 3, 15, 10, tzinfo=UTC)

    assert read(SAMPLE) == Heartbeat(
        source="urn:acme:gateway",
        event_id="beat-10-15",
        sender="gateway-7",
        claimed=Period(start, start + timedelta(minutes=15)),
        events=2481,
    )


def test_that_time_goes_backwards_only_the_code_can_tell() -> None:
    reversed_claim = json.loads((ROOT / "events/heartbeat-reversed.json").read_text())

    assert schema_takes(reversed_claim)
    assert isinstance(read(reversed_claim), Rejected)


@pytest.mark.parametrize("source", ["urn:acme:gateway", 'z\u00fcrich "東京" 😀', "x" * 256])
def test_what_the_client_builds_is_read_as_it_was_counted(source: str) -> None:
    now = datetime(2026, 3, 15, 10, 20, tzinfo=UTC)
    counts = Counts([source], lambda: now)
    for number in range(3):
        usage = UsageEvent(source=source, record_key=str(number), subject="acme", meter="api_calls", occurred_at=now)
        counts.confirmed(usage)

    (record,) = counts.untold(signs_of_life=True)
    (event,) = json.loads(record.entry()["Data"])
    assert schema_takes(event)
    heartbeat = read(event)
    assert isinstance(heartbeat, Heartbeat)
    claimed = Period(datetime(2026, 3, 15, 10, 15, tzinfo=UTC), datetime(2026, 3, 15, 10, 30, tzinfo=UTC))
    assert (heartbeat.source, heartbeat.claimed, heartbeat.events) == (source, claimed, 3)
