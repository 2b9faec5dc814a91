"""The schemas of corrections say what the code does, and what the producer client builds is read as it was meant."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.usage_event.registry import read_record
from shared.domain.usage import correction as domain
from shared.domain.usage.correction import UsageVoid
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.verdict import Verdict
from usage_producer import InvalidUsageError, Original, amend, event_id, void
from usage_producer import UsageEvent as BuiltEvent

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT / "shared/contracts/usage_event/schemas"


def schema(name: str) -> Any:
    return fastjsonschema.compile(json.loads((SCHEMAS / name).read_text(encoding="utf-8")), use_default=False)


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / name).read_text(encoding="utf-8"))
    return event


CHECK = {"usage.voided": schema("voided.json"), "usage.amended": schema("amended.json")}
CHECK_USAGE = schema("usage-2.json")
VOID, AMENDMENT = sample("usage-voided.json"), sample("usage-amended.json")
# A contract under which the subject is not the event's but its data's.
OLD = AMENDMENT | {
    "dataschema": "urn:usage-contract:usage:1",
    "data": AMENDMENT["data"] | {"usage": {"customer": "acme", "meter": "api_calls", "value": 2}},
}
VALUES: tuple[object, ...] = (
    "urn:acme",
    "",
    "x" * 257,
    "tab\t",
    None,
    True,
    7,
    [],
    {},
    "2026-03-15T10:10:00Z",
    "2026-03-15T10:10:00",
)
ATTRIBUTES = ("specversion", "id", "source", "subject", "time", "data", "datacontenttype", "extra")
MEMBERS = ("id", "source", "subject", "time", "reason", "misspelt")


def read(event: dict[str, Any]) -> Verdict:
    (verdict,) = read_record(json.dumps(event).encode())
    return verdict


def code_takes(event: dict[str, Any]) -> bool:
    verdict = read(event)
    return isinstance(verdict, UsageVoid) or (isinstance(verdict, UsageEvent) and verdict.amends is not None)


def schema_takes(event: dict[str, Any]) -> bool:
    try:
        CHECK[event["type"]](event)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


def corpus() -> Iterator[dict[str, Any]]:
    """Yield each sample with each attribute and each member of its data left out, and with every odd value."""
    for correction in (VOID, AMENDMENT):
        yield correction
        for name in ATTRIBUTES:
            yield {key: value for key, value in correction.items() if key != name}
            yield from (correction | {name: value} for value in VALUES)
        data = correction["data"]
        for name in MEMBERS:
            yield correction | {"data": {key: value for key, value in data.items() if key != name}}
            yield from (correction | {"data": data | {name: value}} for value in VALUES)
        yield {key: value for key, value in correction.items() if key != "subject"} | {
            "data": data | {"subject": "globex"}
        }
    yield OLD
    yield {key: value for key, value in OLD.items() if key != "subject"}
    for dataschema in ("usage:2", "urn:usage-contract:usage:0", None):
        yield AMENDMENT | {"dataschema": dataschema}
    yield AMENDMENT | {"data": VOID["data"]}
    yield VOID | {"data": AMENDMENT["data"]}


def test_schema_and_code_agree_on_every_correction_of_the_corpus() -> None:
    taken = [(code_takes(event), schema_takes(event), event) for event in corpus()]

    assert [event for by_code, by_schema, event in taken if by_code != by_schema] == []
    assert {by_code for by_code, _, _ in taken} == {True, False}


@pytest.mark.parametrize("correction", [VOID, AMENDMENT])
def test_that_an_event_corrects_itself_only_the_code_can_tell(correction: dict[str, Any]) -> None:
    itself = correction | {"data": correction["data"] | {"id": correction["id"]}}

    assert (schema_takes(itself), code_takes(itself)) == (True, False)


CLEAN_TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=256
)
TEXTS = CLEAN_TEXTS | st.text(max_size=300)
# A local time that the clocks skipped equals no instant at all (PEP 495), so that none is drawn.
INSTANTS = st.datetimes(timezones=st.timezones() | st.just(UTC), allow_imaginary=False)


@st.composite
def originals(draw: st.DrawFn) -> Original:
    return Original(
        source=draw(CLEAN_TEXTS), id=draw(CLEAN_TEXTS), subject=draw(CLEAN_TEXTS), occurred_at=draw(INSTANTS)
    )


@st.composite
def usages(draw: st.DrawFn, source: str) -> BuiltEvent:
    return BuiltEvent(
        source=source,
        record_key=draw(CLEAN_TEXTS),
        subject=draw(CLEAN_TEXTS),
        meter=draw(CLEAN_TEXTS),
        occurred_at=draw(INSTANTS),
        quantity=draw(st.decimals(0, Decimal(999999999999999), places=18)),
        unique_key=draw(st.none() | CLEAN_TEXTS),
        dimensions=draw(st.dictionaries(CLEAN_TEXTS, st.just("") | CLEAN_TEXTS, max_size=4)),
    )


def named(original: Original) -> domain.Original:
    return domain.Original(
        source=original.source,
        event_id=original.id,
        subject=original.subject,
        occurred_at=original.occurred_at.astimezone(UTC),
    )


@given(originals(), TEXTS)
def test_every_void_that_can_be_built_is_read_as_it_was_meant(original: Original, reason: str) -> None:
    try:
        built = void(original, reason=reason)
    except InvalidUsageError:
        return

    wire = json.loads(built.encoded())
    assert schema_takes(wire)
    assert read(wire) == UsageVoid(source=original.source, event_id=built.id, original=named(original), reason=reason)


@given(st.data())
def test_every_amendment_that_can_be_built_is_read_as_it_was_meant(data: st.DataObject) -> None:
    original, reason = data.draw(originals()), data.draw(CLEAN_TEXTS)
    usage = data.draw(usages(original.source))

    built = amend(original, usage, reason=reason)

    wire = json.loads(built.encoded())
    assert schema_takes(wire)
    CHECK_USAGE(wire["data"]["usage"])
    counted = read(wire)
    assert isinstance(counted, UsageEvent)
    assert counted.amends == UsageVoid(
        source=original.source, event_id=built.id, original=named(original), reason=reason
    )
    assert (counted.source, counted.event_id, counted.subject) == (usage.source, built.id, usage.subject)
    assert (counted.occurred_at, counted.meter, counted.quantity) == (usage.occurred_at, usage.meter, usage.quantity)
    assert (counted.unique_key, dict(counted.dimensions)) == (usage.unique_key, usage.dimensions)


def test_an_event_of_the_client_is_named_by_its_record() -> None:
    """What was sent last month is corrected without the event: its record is enough."""
    moment = datetime(2026, 3, 15, 10, 7, tzinfo=UTC)
    sent = BuiltEvent(
        source="urn:acme:gateway", record_key="request-7001", subject="acme", meter="api_calls", occurred_at=moment
    )
    (as_sent,) = read_record(sent.encoded())
    assert isinstance(as_sent, UsageEvent)
    known = Original(
        source="urn:acme:gateway",
        id=event_id("urn:acme:gateway", "request-7001", "api_calls"),
        subject="acme",
        occurred_at=moment,
    )

    assert void(known, reason="load test").encoded() == void(sent, reason="load test").encoded()
    assert named(known).event_id == as_sent.event_id
