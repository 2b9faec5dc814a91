"""The recount in SQL says what plain Python says, of whatever may lie in an archive and a ledger."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.duckdb import recount_sql
from shared.adapters.duckdb.delivery_files import ParquetDeliveryFiles
from shared.adapters.duckdb.recount import DuckDbRecount
from shared.adapters.duckdb.staging import joined
from shared.contracts.usage_event.registry import read_record
from shared.domain.archive.delivery import judge_with
from shared.domain.archive.partition import CompactedFile, DamageKind, Manifest, RawInput
from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.master_data.catalog import CustomerAccount
from shared.domain.master_data.customer import ALWAYS, Customer, Dated
from shared.domain.master_data.subjects import Holder, SubjectAccounts
from shared.domain.metering.expression import Filter, Formula
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.money import EXACT
from shared.domain.time_period import Period, format_instant
from shared.domain.usage.admission import AcceptanceHorizon
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import fingerprint, measurement_fingerprint
from shared.domain.usage.measurement import Measurement, measure, meters_by_event
from shared.ports.usage_recount import RecountQuestion, UsageRecount
from tests.fakes.in_memory_ledger_audit import InMemoryLedgerAudit
from tests.fakes.in_memory_usage_archive import InMemoryUsageArchive
from tests.fakes.plain_recount import PlainRecount
from tests.fakes.usage import SHARD, a_record, as_bytes, usage_v2

MIDNIGHT = datetime(2026, 1, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPAN = Period(MIDNIGHT - HOUR, MIDNIGHT + HOUR)
ARRIVED = Period(MIDNIGHT - 48 * HOUR, MIDNIGHT + 48 * HOUR)
JUDGE = judge_with(read_record, AcceptanceHorizon.of(days=35, future_seconds=10**6))
ACME, GLOBEX = CustomerId("acme"), CustomerId("globex")
ODD_NAME = "na\u00efve \"name'"


def meter(code: str, aggregation: Aggregation, **more: Any) -> Meter:
    return Meter(code=MeterCode(code), name=code, unit="1", aggregation=aggregation, **more)


PLAIN = tuple(meter(one.value, one, dimensions=("region", ODD_NAME)) for one in Aggregation)
METERS = (
    *PLAIN,
    meter("large", Aggregation.COUNT, event="sum", filter=Filter("quantity > 5")),
    meter("third", Aggregation.SUM, event="sum", quantity=Formula("quantity / 3"), dimensions=("region",)),
    meter("by_region", Aggregation.MAX, event="max", filter=Filter("region != 'eu'")),
    meter("again", Aggregation.WEIGHTED_SUM, event="weighted_sum"),
)


def account(customer_id: CustomerId) -> CustomerAccount:
    customer = Customer(
        customer_id=customer_id,
        name=customer_id,
        country="DE",
        time_zone=ZoneInfo("UTC"),
        known_as=(Dated(customer_id, ALWAYS),),
    )
    return CustomerAccount(customer=customer, contracts=())


def holder(customer_id: CustomerId, start: datetime, end: datetime | None) -> Holder:
    return Holder(valid=Period(start, end), used_by=ACME, billed_to=customer_id)


PAYERS = {ACME: account(ACME), GLOBEX: account(GLOBEX)}
SUBJECTS = {
    "acme": SubjectAccounts((holder(ACME, ALWAYS.start, None),), PAYERS),
    "moved": SubjectAccounts((holder(ACME, ALWAYS.start, MIDNIGHT), holder(GLOBEX, MIDNIGHT, None)), PAYERS),
}


def whom(subjects: Collection[str]) -> Mapping[str, SubjectAccounts]:
    return {subject: SUBJECTS[subject] for subject in subjects if subject in SUBJECTS}


def in_sql(archive: InMemoryUsageArchive) -> DuckDbRecount:
    return DuckDbRecount(
        archive=archive, files=ParquetDeliveryFiles(memory_mb=200), judge=JUDGE, memory_mb=200, threads=1
    )


quantities = st.sampled_from(
    ["0", "1", "5", "7.25", "0.000000000000000001", "999999999999999.999999999999999999", "333333333333333.3"]
)
# Around windows, the day, and the span; a few microseconds apart, so that events meet at one instant.
instants = st.builds(
    lambda quarter, microseconds: MIDNIGHT + timedelta(minutes=15 * quarter, microseconds=microseconds),
    st.integers(-5, 5),
    st.sampled_from([0, 1, 450_000_000, 899_999_999]),
)
dimensions = st.dictionaries(
    st.sampled_from(["region", "host", ODD_NAME]), st.sampled_from(["eu", "us", "", 'a"b', "\u6f22 \\n"]), max_size=3
)
sent = st.fixed_dictionaries(
    {
        "id": st.sampled_from([f"call-{number}" for number in range(8)]),
        "source": st.sampled_from(["urn:acme:a", "urn:acme:b"]),
        "subject": st.sampled_from(["acme", "moved", "nobody"]),
        "time": instants.map(format_instant),
        "data": st.fixed_dictionaries(
            {
                "meter": st.sampled_from([*(one.code for one in PLAIN), "unheard_of"]),
                "quantity": quantities,
                "dimensions": dimensions,
            },
            optional={"unique_key": st.sampled_from(["ann", "ben", "urn:acme:a"])},
        ),
    }
)
# How often the ledger counted an event, or something of it, and for whom; whether it is parked; how late it came.
fates = st.tuples(
    st.sampled_from([0, 1, 1, 1, 1, 2]),
    st.sampled_from(["acme", "globex"]),
    st.sampled_from(["", "", "whole", "third"]),
    st.sampled_from([HOUR, 30 * HOUR]),
)

# Which event is voided, whether the archive and the ledger have the void, and how late it came.
voids = st.tuples(st.integers(0, 24), st.booleans(), st.booleans(), st.sampled_from([HOUR, 30 * HOUR]))


def question(ledger: InMemoryLedgerAudit, parked: Collection[str]) -> RecountQuestion:
    return RecountQuestion(
        span=SPAN,
        arrived=ARRIVED,
        settled_before=MIDNIGHT + 24 * HOUR,
        meters=meters_by_event(METERS),
        subjects=whom,
        ledger=ledger,
        parked=lambda: parked,
    )


def told(recount: UsageRecount, asked: RecountQuestion) -> tuple[object, ...]:
    with recount.look(asked) as look:
        return (
            sorted(map(str, look.differences())),
            sorted(version.delivery for version in look.missing()),
            sorted(version.delivery for version in look.still_counted()),
            sorted(tuple(sorted(version.delivery for version in versions)) for versions in look.conflicts()),
        )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(sent, fates), max_size=25), st.lists(voids, max_size=5))
def test_sql_and_plain_python_tell_the_same(
    usage: list[tuple[dict[str, Any], tuple[Any, ...]]], corrections: list[tuple[int, bool, bool, timedelta]]
) -> None:
    archive, ledger, parked = InMemoryUsageArchive(), InMemoryLedgerAudit(), set()
    for place, (attributes, (times, customer, waits, after)) in enumerate(usage):
        record = a_record(
            usage_v2(**attributes), sequence=place, arrived_at=MIDNIGHT + after + timedelta(microseconds=place)
        )
        archive.write([record])
        parked |= {"whole": {f"{SHARD}:{place}:0"}, "third": {f"{SHARD}:{place}:0 third"}}.get(waits, set())
        (event,) = read_record(record.data)
        if not isinstance(event, UsageEvent):
            continue  # refused, as some of the odd dimensions are
        for taking in meters_by_event(METERS).get(event.meter, ()):
            if any(isinstance(one, Measurement) for one in measure(event, fingerprint(event), [taking])):
                for _ in range(times):
                    ledger.count_measured(taking, event, customer=customer)
    for place, (which, is_archived, is_applied, after) in enumerate(corrections, start=len(usage)):
        if which >= len(usage):
            continue
        attributes = usage[which][0]
        (event,) = read_record(as_bytes(usage_v2(**attributes)))
        void = {name: attributes[name] for name in ("source", "subject", "time")} | {
            "id": f"void-{place}",
            "type": "usage.amended" if place % 2 else "usage.voided",
            "data": {"id": attributes["id"], "reason": "wrong", **({"usage": attributes["data"]} if place % 2 else {})},
        }
        if is_archived:
            archive.write([a_record(usage_v2(**void), sequence=place, arrived_at=MIDNIGHT + after)])
        if is_applied and isinstance(event, UsageEvent):
            ledger.void_ids(fingerprint(event), measurement_fingerprint(event, fingerprint(event), MeterCode("third")))
    asked = question(ledger, parked)

    assert told(in_sql(archive), asked) == told(PlainRecount(archive, JUDGE), asked)


@pytest.mark.parametrize("aggregation", [Aggregation.SUM, Aggregation.AVERAGE, Aggregation.WEIGHTED_SUM])
def test_sums_of_the_greatest_quantities_are_exact(aggregation: Aggregation) -> None:
    """200,000 of them overflow any one number of the database; told apart as units and parts they do not."""
    greatest = Decimal("999999999999999.999999999999999999")
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE counted AS SELECT 'acme' AS customer, 'meter' AS meter, 0::BIGINT AS window_start,"
            " 900_000_000::BIGINT AS window_end,"
            f" {recount_sql.NO_DIMENSIONS} AS dimensions, '{aggregation}' AS aggregation,"
            f" {10**15 - 1}::BIGINT AS units, {10**18 - 1}::BIGINT AS parts,"
            " range AS occurred_at, 'urn:acme:a' AS source, range::VARCHAR AS event_id,"
            " NULL::UUID AS fingerprint,"
            " NULL::VARCHAR AS unique_key FROM range(200_000)"
        )
        connection.execute(recount_sql.recounted("recounted", "counted"))
        ((events, units, parts),) = connection.execute("SELECT events, units, parts FROM recounted").fetchall()

    # As a level it holds from the window's first microsecond to its end, 900 seconds.
    times = 900 if aggregation is Aggregation.WEIGHTED_SUM else 200_000
    assert events == 200_000
    assert joined(units, parts, decimals=recount_sql.SUM_DECIMALS) == EXACT.multiply(greatest, Decimal(times))


def test_a_compacted_file_that_was_harmed_is_told_and_its_raw_objects_are_counted(tmp_path: Path) -> None:
    archive, ledger = InMemoryUsageArchive(), InMemoryLedgerAudit()
    record = a_record(usage_v2(time="2026-01-16T00:00:00Z", data={"meter": "sum", "quantity": 7}), arrived_at=MIDNIGHT)
    archive.write([record])
    (event,) = read_record(record.data)
    assert isinstance(event, UsageEvent)
    for taking in meters_by_event(METERS)["sum"]:
        ledger.count_measured(taking, event)
    (raw,) = archive.partition(MIDNIGHT.date()).raw
    (tmp_path / "made").write_bytes(b"no Parquet")
    file = CompactedFile(
        stored=archive.store_file(MIDNIGHT.date(), "0a1b.parquet", tmp_path / "made"),
        sha256=sha256(b"Parquet").hexdigest(),
        rows=1,
        judged_with="1-0a1b2c3d4e5f",
        inputs=(RawInput(raw, archive.raw_content(raw).sha256),),
    )
    archive.store_manifest(Manifest(MIDNIGHT.date(), (file,)))

    with in_sql(archive).look(question(ledger, ())) as look:
        assert [damage.kind for damage in look.damages] == [DamageKind.FILE_CHANGED]
        assert list(look.differences()) == []
