"""Archiving: raw first, progress after."""

from collections.abc import Iterator, Sequence

import pytest

from functions.archive_usage.use_case import archive_usage
from shared.domain.metering.watermark import Checkpoint
from shared.domain.time_period import Period
from shared.domain.usage.stream_record import StreamRecord
from tests.fakes.in_memory_stage_progress import InMemoryStageProgress
from tests.fakes.in_memory_usage_archive import InMemoryUsageArchive
from tests.fakes.usage import ARRIVED_AT, SHARD, a_record


class BrokenArchive:
    def write(self, records: Sequence[StreamRecord]) -> None:
        raise ConnectionError

    def read(self, arrived: Period) -> Iterator[StreamRecord]:
        return iter(())

    def read_backfills(self, arrived: Period) -> Iterator[StreamRecord]:
        return iter(())


def test_every_record_is_kept_malformed_or_not() -> None:
    archive, progress = InMemoryUsageArchive(), InMemoryStageProgress()
    records = [a_record(b"{cut", sequence=1), a_record(b"\xff", sequence=2)]

    archive_usage(records, archive=archive, progress=progress)

    assert list(archive.read(Period(ARRIVED_AT, None))) == records
    assert progress.recorded == {("archive", SHARD): Checkpoint("2", ARRIVED_AT)}


def test_nothing_is_said_to_be_done_before_it_is_kept() -> None:
    progress = InMemoryStageProgress()

    with pytest.raises(ConnectionError):
        archive_usage([a_record(b"usage")], archive=BrokenArchive(), progress=progress)

    assert progress.recorded == {}
