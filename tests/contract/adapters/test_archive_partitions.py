"""Every archive shows a day with its raw objects, its compacted files and its manifest, as they lie there now."""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import pytest
from moto import mock_aws

from shared.adapters.s3.archive_partitions import S3ArchivePartitions
from shared.adapters.s3.usage_archive import S3UsageArchive
from shared.domain.archive.partition import CompactedFile, Manifest, RawInput
from shared.domain.identifiers import TenantId
from shared.ports.archive_partitions import CompactableArchive
from shared.ports.usage_archive import UsageArchive
from shared.runtime import aws
from tests.builders.aws_resources import create_bucket
from tests.fakes.in_memory_usage_archive import InMemoryUsageArchive
from tests.fakes.usage import ARRIVED_AT, a_record

TENANT = TenantId("acme-saas")
TODAY = ARRIVED_AT.date()
TOMORROW = TODAY + timedelta(days=1)


class Archive(Protocol):
    raw: UsageArchive
    days: CompactableArchive


class _Both:
    def __init__(self, raw: UsageArchive, days: CompactableArchive) -> None:
        self.raw, self.days = raw, days


@pytest.fixture(params=["in memory", "s3"])
def archive(request: pytest.FixtureRequest) -> Iterator[Archive]:
    if request.param == "in memory":
        both = InMemoryUsageArchive()
        yield _Both(both, both)
        return
    with mock_aws():
        bucket = create_bucket("archive")
        yield _Both(
            S3UsageArchive(aws.s3(), bucket, TENANT),
            S3ArchivePartitions(aws.s3(), bucket, TENANT),
        )


def compact(archive: Archive, day: date, path: Path, *, content: bytes = b"parquet") -> CompactedFile:
    """Store a file of all raw objects of a day, with its manifest."""
    path.write_bytes(content)
    raw = archive.days.partition(day).raw
    file = CompactedFile(
        stored=archive.days.store_file(day, "0a1b.parquet", path),
        sha256=sha256(content).hexdigest(),
        rows=1,
        judged_with="usage:2",
        inputs=tuple(RawInput(one, archive.days.raw_content(one).sha256) for one in raw),
    )
    archive.days.store_manifest(Manifest(day, (file,)))
    return file


def test_a_day_without_usage_is_empty(archive: Archive) -> None:
    partition = archive.days.partition(TODAY)

    assert (partition.manifest, partition.raw, partition.compacted) == (Manifest(TODAY), (), ())
    assert archive.days.compacted_days(TODAY) == set()


def test_a_day_shows_the_raw_objects_that_arrived_in_it(archive: Archive) -> None:
    today = a_record(b"today", sequence=1)
    archive.raw.write([today, a_record(b"tomorrow", sequence=2, arrived_at=ARRIVED_AT + timedelta(days=1))])

    (raw,) = archive.days.partition(TODAY).raw

    assert raw.size > 0
    assert archive.days.raw_content(raw).records == (today,)


def test_what_was_compacted_comes_back_as_it_was(archive: Archive, tmp_path: Path) -> None:
    archive.raw.write([a_record(b"usage")])
    file = compact(archive, TODAY, tmp_path / "made")

    partition = archive.days.partition(TODAY)
    fetched = archive.days.fetch(file, tmp_path / "fetched")

    assert partition.sound_files() == (file,)
    assert (partition.uncompacted(), partition.changed(), list(partition.damages())) == ((), (), [])
    assert fetched
    assert (tmp_path / "fetched").read_bytes() == b"parquet"


def test_a_raw_object_that_comes_later_is_not_compacted(archive: Archive, tmp_path: Path) -> None:
    archive.raw.write([a_record(b"usage", sequence=1)])
    compact(archive, TODAY, tmp_path / "made")

    archive.raw.write([a_record(b"late", sequence=2)])

    (late,) = archive.days.partition(TODAY).uncompacted()
    assert [record.data for record in archive.days.raw_content(late).records] == [b"late"]


def test_the_same_content_has_the_same_digest_however_often_it_is_written(archive: Archive) -> None:
    archive.raw.write([a_record(b"usage")])
    (before,) = archive.days.partition(TODAY).raw
    digest = archive.days.raw_content(before).sha256

    archive.raw.write([a_record(b"usage")])

    (after,) = archive.days.partition(TODAY).raw
    assert archive.days.raw_content(after).sha256 == digest


def test_a_file_that_is_not_the_manifests_is_not_fetched(archive: Archive, tmp_path: Path) -> None:
    file = compact(archive, TODAY, tmp_path / "made")

    compact(archive, TODAY, tmp_path / "other", content=b"changed")

    assert not archive.days.fetch(file, tmp_path / "fetched")


def test_days_with_a_manifest_are_known_from_a_day_on(archive: Archive, tmp_path: Path) -> None:
    for day in (TODAY - timedelta(days=1), TODAY, TOMORROW):
        compact(archive, day, tmp_path / "made")

    assert set(archive.days.compacted_days(TODAY)) == {TODAY, TOMORROW}


def test_days_that_hold_something_are_known_without_looking_into_each(archive: Archive, tmp_path: Path) -> None:
    weeks = timedelta(weeks=5)
    archive.raw.write([a_record(b"usage", sequence=1), a_record(b"usage", sequence=2, arrived_at=ARRIVED_AT + weeks)])
    compact(archive, TOMORROW, tmp_path / "made")

    assert archive.days.days(TODAY, TODAY + weeks) == [TODAY, TOMORROW]
    assert archive.days.days(TOMORROW, TODAY + 2 * weeks) == [TOMORROW, TODAY + weeks]
