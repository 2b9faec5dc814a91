"""Whatever the producer client builds is valid by the published schemas, and ingest reads it as it was meant."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastjsonschema
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.usage_event.registry import read_record
from shared.domain.usage import event as domain
from usage_producer import InvalidUsageError, UsageEvent

SCHEMAS = Path(__file__).parents[3] / "shared" / "contracts" / "usage_event" / "schemas"


def schema(name: str) -> Any:
    return fastjsonschema.compile(json.loads((SCHEMAS / name).read_text(encoding="utf-8")), use_default=False)


CHECK_EVENT, CHECK_DATA = schema("event.json"), schema("usage-2.json")

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
CLEAN_TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=256
)
# A local time that the clocks skipped equals no instant at all (PEP 495), so that none is drawn.
INSTANTS = st.datetimes(timezones=st.timezones() | st.just(UTC), allow_imaginary=False)
QUANTITIES = st.integers(-1, 10**15) | st.decimals(allow_nan=True, places=None) | st.decimals(0, 10**15, places=18)


@st.composite
def events(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> UsageEvent | None:
    """Build an event of anything at all; None where the client refuses it."""
    try:
        return UsageEvent(
            source=draw(texts),
            record_key=draw(texts),
            subject=draw(texts),
            meter=draw(texts),
            occurred_at=draw(INSTANTS),
            quantity=draw(QUANTITIES),
            unique_key=draw(st.none() | texts),
            dimensions=draw(st.dictionaries(texts, texts, max_size=17)),
        )
    except InvalidUsageError:
        return None


def is_as_meant(built: UsageEvent) -> None:
    wire = json.loads(built.encoded())
    CHECK_EVENT(wire)
    CHECK_DATA(wire["data"])
    (read,) = read_record(b"[" + built.encoded() + b"]")
    assert isinstance(read, domain.UsageEvent), read
    assert (read.source, read.event_id, read.subject, read.meter) == (
        built.source,
        built.id,
        built.subject,
        built.meter,
    )
    assert (read.occurred_at, read.quantity) == (built.occurred_at, Decimal(built.quantity))
    assert (read.unique_key, dict(read.dimensions)) == (built.unique_key, built.dimensions)


@given(events(CLEAN_TEXTS))
def test_every_event_that_can_be_built_is_read_as_it_was_meant(built: UsageEvent | None) -> None:
    if built is not None:
        is_as_meant(built)


@given(events(TEXTS))
def test_the_client_lets_nothing_through_that_the_contract_refuses(built: UsageEvent | None) -> None:
    if built is not None:
        is_as_meant(built)


@given(st.data())
def test_what_the_contract_takes_the_client_takes(data: st.DataObject) -> None:
    built = UsageEvent(
        source=data.draw(CLEAN_TEXTS),
        record_key=data.draw(CLEAN_TEXTS),
        subject=data.draw(CLEAN_TEXTS),
        meter=data.draw(CLEAN_TEXTS),
        occurred_at=data.draw(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001
        quantity=data.draw(st.integers(0, 10**15 - 1) | st.decimals(0, Decimal(999999999999999), places=18)),
        dimensions=data.draw(st.dictionaries(CLEAN_TEXTS, st.just("") | CLEAN_TEXTS, max_size=16)),
    )

    is_as_meant(built)
