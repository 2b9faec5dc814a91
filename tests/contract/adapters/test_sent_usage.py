"""SQL and plain Python tell the same of what sources claim and of what is here."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.duckdb.delivery_files import ParquetDeliveryFiles
from shared.adapters.duckdb.sent_usage import DuckDbSentUsage
from shared.contracts.usage_event.registry import read_record
from shared.domain.archive.delivery import judge_with
from shared.domain.producers.claims import Claim, ClaimedPeriod
from shared.domain.time_period import Period, format_instant
from shared.domain.usage.admission import AcceptanceHorizon
from shared.ports.sent_usage import SentUsage
from tests.fakes.in_memory_usage_archive import InMemoryUsageArchive
from tests.fakes.plain_sent_usage import PlainSentUsage
from tests.fakes.usage import a_record, heartbeat, usage_v2

MIDNIGHT = datetime(2026, 1, 16, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ARRIVED = Period(MIDNIGHT - DAY, MIDNIGHT + DAY)
JUDGE = judge_with(read_record, AcceptanceHorizon.of(days=1, future_seconds=300))
Make: TypeAlias = Callable[[InMemoryUsageArchive], SentUsage]
GATEWAY, ODD = "urn:acme:gateway", "na\u00efve 'gateway', \"漢\""


def in_sql(archive: InMemoryUsageArchive) -> SentUsage:
    return DuckDbSentUsage(
        archive=archive, files=ParquetDeliveryFiles(memory_mb=200), judge=JUDGE, memory_mb=200, threads=1
    )


def in_python(archive: InMemoryUsageArchive) -> SentUsage:
    return PlainSentUsage(archive, JUDGE)


def at(minute: float) -> str:
    return format_instant(MIDNIGHT + minute * MINUTE)


def period(start: float, end: float, source: str = GATEWAY) -> ClaimedPeriod:
    return ClaimedPeriod(source, MIDNIGHT + start * MINUTE, MIDNIGHT + end * MINUTE)


class Told:
    """An archive in which events arrive a minute after midnight, each in a record of its own."""

    def __init__(self) -> None:
        self.archive = InMemoryUsageArchive()
        self._sequence = 0

    def send(self, *events: dict[str, Any] | bytes, minute: float = 1) -> None:
        for event in events:
            self._sequence += 1
            arrived_at = MIDNIGHT + minute * MINUTE
            self.archive.write([a_record(event, sequence=self._sequence, arrived_at=arrived_at)])


@pytest.fixture(params=[in_python, in_sql])
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


def test_a_claim_comes_with_its_sender_and_its_arrival(make: Make) -> None:
    told = Told()
    told.send(heartbeat(at(-15), at(0), 7, sender="pod-1"), heartbeat(at(-1439), at(1), 10**15 - 1, source=ODD))

    with make(told.archive).look(ARRIVED) as look:
        assert set(look.claims()) == {
            Claim(period(-1439, 1, ODD), "", 10**15 - 1, MIDNIGHT + MINUTE),
            Claim(period(-15, 0), "pod-1", 7, MIDNIGHT + MINUTE),
        }


def test_only_what_arrived_in_the_period_is_seen(make: Make) -> None:
    told = Told()
    told.send(heartbeat(at(-15), at(0), 1), usage_v2(id="in", time=at(-1)), minute=0)
    told.send(heartbeat(at(-15), at(0), 2), usage_v2(id="out", time=at(-1)), minute=1)

    with make(told.archive).look(Period(MIDNIGHT - DAY, MIDNIGHT + MINUTE)) as look:
        assert [claim.events for claim in look.claims()] == [1]
        assert look.events([period(-15, 0)]) == {period(-15, 0): 1}


def test_each_id_counts_once_whatever_became_of_it(make: Make) -> None:
    told = Told()
    told.send(
        usage_v2(id="taken", time=at(-5)),
        usage_v2(id="taken", time=at(-5)),
        usage_v2(id="taken", time=at(-4), data={"meter": "api_calls", "quantity": 9}),  # a conflict
        usage_v2(id="refused", time=at(-3), data={}),
        usage_v2(id="unknown-contract", time=at(-2), dataschema="urn:usage-contract:unheard_of:9"),
        usage_v2(id="elsewhere", time=at(-5), source="urn:acme:importer"),
        usage_v2(id="no-time", time="yesterday"),
        usage_v2(id=None, time=at(-1)),
        b"{cut",
        heartbeat(at(-15), at(0), 4),
    )

    with make(told.archive).look(ARRIVED) as look:
        assert look.events([period(-15, 0)]) == {period(-15, 0): 3}


def test_what_came_too_late_to_be_accepted_has_arrived_all_the_same(make: Make) -> None:
    told = Told()
    told.send(usage_v2(time=at(-2000)))

    with make(told.archive).look(ARRIVED) as look:
        assert look.events([period(-2010, -1990)]) == {period(-2010, -1990): 1}


def test_a_void_is_no_usage(make: Make) -> None:
    told = Told()
    void = {"id": "call-1", "reason": "a test"}
    told.send(usage_v2(id="void-1", type="usage.voided", time=at(-5), dataschema=None, data=void))

    with make(told.archive).look(ARRIVED) as look:
        assert look.events([period(-15, 0)]).get(period(-15, 0), 0) == 0


minutes = st.integers(-20, 4).map(float)
periods = st.builds(
    lambda start, length, source: period(start, start + length, source),
    st.integers(-20, 0),
    st.sampled_from([1, 2, 5, 15]),
    st.sampled_from([GATEWAY, ODD]),
)
events = st.one_of(
    st.builds(
        lambda number, minute, source, quantity: usage_v2(
            id=f"call-{number}", time=at(minute), source=source, data={"meter": "api_calls", "quantity": quantity}
        ),
        st.integers(0, 6),
        minutes,
        st.sampled_from([GATEWAY, ODD]),
        st.sampled_from([1, -1]),
    ),
    st.builds(
        lambda of, count, sender: heartbeat(
            format_instant(of.start), format_instant(of.end), count, source=of.source, sender=sender
        ),
        periods,
        st.integers(0, 9),
        st.sampled_from(["pod-1", ODD]),
    ),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(events, max_size=20), st.sets(periods, max_size=8))
def test_sql_and_plain_python_tell_the_same(sent: list[dict[str, Any]], asked: set[ClaimedPeriod]) -> None:
    told = Told()
    told.send(*sent)

    with in_sql(told.archive).look(ARRIVED) as sql, in_python(told.archive).look(ARRIVED) as plain:
        assert set(sql.claims()) == set(plain.claims())
        for _ in range(2):
            counted = sql.events(asked)
            assert {each: counted.get(each, 0) for each in asked} == plain.events(asked)
