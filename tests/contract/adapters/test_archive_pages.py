"""The archive read in pages yields each record once, wherever a reader stopped and went on."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import TypeAlias

import pytest
from moto import mock_aws

from shared.adapters.s3 import archive_pages
from shared.adapters.s3.archive_pages import S3ArchivePages
from shared.adapters.s3.usage_archive import S3UsageArchive
from shared.domain.identifiers import TenantId
from shared.domain.time_period import Period
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.archive_pages import ArchivePages
from shared.runtime import aws
from tests.builders.aws_resources import create_bucket
from tests.fakes.in_memory_archive_pages import InMemoryArchivePages
from tests.fakes.usage import ARRIVED_AT, SHARD

TENANT = TenantId("acme-saas")
HOUR = timedelta(hours=1)
THREE_DAYS = Period(ARRIVED_AT - 30 * HOUR, ARRIVED_AT + 30 * HOUR)
OTHER_SHARD = "shardId-000000000001"
Archived: TypeAlias = Callable[[Sequence[Sequence[StreamRecord]]], ArchivePages]


@pytest.fixture(params=["in memory", "s3"])
def archived(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archived]:
    """Return what archives batches, to be read with a page for each batch."""
    if request.param == "in memory":
        yield lambda batches: InMemoryArchivePages([record for batch in batches for record in batch])
        return
    monkeypatch.setattr(archive_pages, "MOST_BYTES_A_PAGE", 1)
    with mock_aws():
        bucket = create_bucket("archive")

        def archive(batches: Sequence[Sequence[StreamRecord]]) -> ArchivePages:
            for batch in batches:
                S3UsageArchive(aws.s3(), bucket, TENANT).write(batch)
            return S3ArchivePages(aws.s3(), bucket, TENANT)

        yield archive


def a_record(sequence: int, *, shard: str = SHARD, hours: int = 0) -> StreamRecord:
    return StreamRecord(shard, str(sequence), ARRIVED_AT + hours * HOUR, b"usage")


def places(archive: ArchivePages, arrived: Period = THREE_DAYS, after: str = "") -> list[tuple[str, str]]:
    pages = archive.pages(arrived, after)
    return [(record.shard_id, record.sequence_number) for page in pages for record in page.records]


def test_records_come_in_their_order_and_once_however_often_they_were_written(archived: Archived) -> None:
    nine, ten, eleven, twelve = (a_record(sequence) for sequence in (9, 10, 11, 12))

    archive = archived([(nine, ten, eleven), (nine, ten), (ten, eleven, twelve)])

    assert places(archive) == [(SHARD, "9"), (SHARD, "10"), (SHARD, "11"), (SHARD, "12")]


def test_a_page_is_of_one_shard_and_day(archived: Archived) -> None:
    archive = archived([(a_record(1),), (a_record(1, shard=OTHER_SHARD),), (a_record(2, hours=24),)])

    assert [len(page.records) for page in archive.pages(THREE_DAYS, "")] == [1, 1, 1]
    assert places(archive) == [(SHARD, "1"), (OTHER_SHARD, "1"), (SHARD, "2")]


def test_whoever_stopped_goes_on_behind_the_last_page(archived: Archived) -> None:
    days = [(a_record(1), a_record(2)), (a_record(2), a_record(3)), (a_record(4, hours=24),)]
    archive = archived([*days, (a_record(1, shard=OTHER_SHARD),)])
    everything = places(archive)

    for number, page in enumerate(archive.pages(THREE_DAYS, ""), start=1):
        before = [one for first in list(archive.pages(THREE_DAYS, ""))[:number] for one in first.records]

        assert places(archive, after=page.mark) == everything[len(before) :]


def test_only_what_arrived_in_the_period_is_read(archived: Archived) -> None:
    archive = archived([(a_record(1, hours=-1), a_record(2), a_record(3, hours=1))])

    assert places(archive, Period(ARRIVED_AT, ARRIVED_AT + HOUR)) == [(SHARD, "2")]


def test_an_empty_archive_has_no_page(archived: Archived) -> None:
    assert places(archived([])) == []
