"""Every archive keeps every record, and yields it once however often it was written."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from moto import mock_aws

from shared.adapters.s3.usage_archive import S3UsageArchive
from shared.domain.identifiers import TenantId
from shared.domain.time_period import Period
from shared.domain.usage.admission import backfill_shard
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.usage_archive import UsageArchive
from shared.runtime import aws
from tests.builders.aws_resources import create_bucket
from tests.fakes.in_memory_usage_archive import InMemoryUsageArchive
from tests.fakes.usage import ARRIVED_AT, a_record

HOUR = timedelta(hours=1)
ALL_TIME = Period(ARRIVED_AT - 100 * HOUR, ARRIVED_AT + 100 * HOUR)


@pytest.fixture(params=["in memory", "s3"])
def archive(request: pytest.FixtureRequest) -> Iterator[UsageArchive]:
    if request.param == "in memory":
        yield InMemoryUsageArchive()
        return
    with mock_aws():
        yield S3UsageArchive(aws.s3(), create_bucket("archive"), TenantId("acme-saas"))


def test_raw_bytes_come_back_as_they_were(archive: UsageArchive) -> None:
    record = a_record(b'\xff\x00 not "json"\n{')

    archive.write([record])

    assert list(archive.read(ALL_TIME)) == [record]


def test_batches_that_overlap_yield_each_record_once(archive: UsageArchive) -> None:
    first, second, third = (a_record(b"usage", sequence=sequence) for sequence in (9, 10, 11))

    archive.write([first, second])
    archive.write([second, third])
    archive.write([first, second])

    assert by_sequence(archive.read(ALL_TIME)) == [first, second, third]


def test_one_sequence_number_in_two_shards_is_two_records(archive: UsageArchive) -> None:
    here = a_record(b"usage")
    there = StreamRecord("shardId-000000000001", here.sequence_number, here.arrived_at, b"other usage")

    archive.write([here])
    archive.write([there])

    assert {record.data for record in archive.read(ALL_TIME)} == {b"usage", b"other usage"}


def test_a_period_reads_what_arrived_in_it(archive: UsageArchive) -> None:
    times = [ARRIVED_AT + hours * HOUR for hours in (-30, -1, 0, 1, 30)]
    archive.write([a_record(b"usage", sequence=place, arrived_at=time) for place, time in enumerate(times)])

    read = [record.arrived_at for record in archive.read(Period(ARRIVED_AT - HOUR, ARRIVED_AT + HOUR))]

    assert read == [ARRIVED_AT - HOUR, ARRIVED_AT]


def test_an_open_period_reads_to_the_end(archive: UsageArchive) -> None:
    archive.write([a_record(b"usage", arrived_at=ARRIVED_AT + 30 * HOUR)])

    assert len(list(archive.read(Period(ARRIVED_AT, None)))) == 1


def test_what_backfills_brought_is_read_by_itself(archive: UsageArchive) -> None:
    backfilled = [
        StreamRecord(backfill_shard(name), number, ARRIVED_AT + hours * HOUR, b"missing usage")
        for name, number, hours in (("a", "7", -30), ("a", "3", 0), ("b", "3", 30), ("b", "8", 60))
    ]
    for record in (*backfilled, a_record(b"usage"), a_record(b"usage", arrived_at=ARRIVED_AT + 30 * HOUR)):
        archive.write([record])

    read = archive.read_backfills(Period(ARRIVED_AT - HOUR, ARRIVED_AT + 60 * HOUR))

    assert list(read) == backfilled[1:3]


def test_an_empty_archive_yields_nothing(archive: UsageArchive) -> None:
    assert list(archive.read(ALL_TIME)) == []


def by_sequence(records: Iterator[StreamRecord]) -> list[StreamRecord]:
    return sorted(records, key=lambda record: int(record.sequence_number))
