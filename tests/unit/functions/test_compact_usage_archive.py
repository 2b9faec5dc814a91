"""Compaction: every raw object of a closed day ends in one file, once, and whoever tampers with a day is found."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from functions.compact_usage_archive import use_case
from functions.compact_usage_archive.use_case import ArchiveCompactor, Compaction
from shared.adapters.duckdb.delivery_files import ParquetDeliveryFiles
from shared.contracts.usage_event.registry import read_record
from shared.domain.archive.delivery import judge_with
from shared.domain.archive.partition import CompactedFile, Manifest
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import TenantId
from shared.domain.usage.admission import AcceptanceHorizon
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_usage_archive import InMemoryUsageArchive
from tests.fakes.usage import ARRIVED_AT, a_record, usage_v2

TODAY = ARRIVED_AT.date()
NEXT_MORNING = datetime(2026, 1, 16, 3, tzinfo=UTC)
NOTHING = Compaction()


class World:
    def __init__(self, scratch: Path) -> None:
        self.archive = InMemoryUsageArchive()
        self.reporter = InMemoryExceptionReporter()
        self._scratch = scratch
        self._sequence = 0

    def arrive(self, *events: object, arrived_at: datetime = ARRIVED_AT) -> str:
        """Archive events as one raw object, a record each, and return its key."""
        before = self.keys()
        records = []
        for event in events:
            self._sequence += 1
            records.append(a_record(event, sequence=self._sequence, arrived_at=arrived_at))
        self.archive.write(records)
        (key,) = self.keys() - before
        return key

    def keys(self) -> set[str]:
        return {raw.key for raw in self.archive.partition(TODAY).raw}

    def run(self, now: datetime = NEXT_MORNING) -> Compaction:
        compactor = ArchiveCompactor(
            tenant=TenantId("acme-saas"),
            judge=judge_with(read_record, AcceptanceHorizon.of(days=35, future_seconds=300)),
            judged_with="catalogue 1-0a1b2c3d4e5f",
            looks_back=timedelta(days=70),
            archive=self.archive,
            files=ParquetDeliveryFiles(memory_mb=200),
            scratch=self._scratch,
            reporter=self.reporter,
        )
        return compactor.compact(now)

    def files(self) -> tuple[CompactedFile, ...]:
        return self.archive.partition(TODAY).sound_files()

    def rows(self, columns: str) -> list[tuple[Any, ...]]:
        return list(self._rows(columns))

    def _rows(self, columns: str) -> Iterator[tuple[Any, ...]]:
        for file in self.files():
            path = self._scratch / "fetched.parquet"
            assert self.archive.fetch(file, path)
            with duckdb.connect() as connection:
                yield from connection.execute(f"SELECT {columns} FROM '{path}'").fetchall()

    def damage(self) -> str:
        (record,) = self.reporter.open.values()
        assert record.code is ExceptionCode.ARCHIVE_DAMAGED
        return record.detail["objects"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_closed_day_becomes_a_file_of_judged_deliveries(world: World) -> None:
    data = {"meter": "api_calls", "quantity": "0.000000000000000001", "dimensions": {"region": 'eu "west"'}}
    world.arrive(usage_v2(data=data), b"{cut")

    assert world.run() == Compaction(files=1, deliveries=2)

    (accepted, refused) = sorted(world.rows("sequence, verdict, subject, units, parts, dimensions, occurred_at"))
    assert accepted[:5] == ("1", "accepted", "acme", 0, 1)
    assert accepted[5:] == ('{"region": "eu \\"west\\""}', datetime(2026, 1, 15, 10, 7, 31, 250_000))  # noqa: DTZ001
    assert refused == ("2", "MALFORMED_JSON", None, None, None, None, None)


def test_the_manifest_names_what_the_file_was_made_of(world: World) -> None:
    first, second = world.arrive(usage_v2(id="call-1")), world.arrive(usage_v2(id="call-2"))

    world.run()

    (file,) = world.files()
    assert [taken.stored.key for taken in file.inputs] == [first, second]
    assert (file.rows, file.judged_with) == (2, "catalogue 1-0a1b2c3d4e5f")


def test_a_day_that_is_compacted_is_left_alone(world: World) -> None:
    world.arrive(usage_v2())
    world.run()

    assert world.run() == NOTHING


def test_a_day_that_may_still_be_written_waits(world: World) -> None:
    world.arrive(usage_v2())

    assert world.run(now=datetime(2026, 1, 16, 0, 30, tzinfo=UTC)) == NOTHING


def test_a_raw_object_that_comes_later_becomes_a_file_of_its_own(world: World) -> None:
    world.arrive(usage_v2(id="call-1"))
    world.run()
    (before,) = world.files()
    world.arrive(usage_v2(id="call-2"))

    assert world.run() == Compaction(files=1, deliveries=1)
    assert before in world.files()
    assert sorted(world.rows("event_id")) == [("call-1",), ("call-2",)]


def test_a_record_in_two_raw_objects_of_a_file_is_one_delivery(world: World) -> None:
    one, two, three = (a_record(usage_v2(id=f"call-{number}"), sequence=number) for number in (1, 2, 3))
    world.archive.write([one, two])
    world.archive.write([two, three])

    assert world.run().deliveries == 3


def test_a_run_does_what_it_can_and_the_next_one_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(use_case, "MOST_IN_A_FILE", 1)
    monkeypatch.setattr(use_case, "MOST_IN_A_RUN", 1)
    for number in range(3):
        world.arrive(usage_v2(id=f"call-{number}"))

    runs = [world.run() for _ in range(4)]

    assert runs == [Compaction(files=1, deliveries=1, finished=False)] * 2 + [
        Compaction(files=1, deliveries=1),
        NOTHING,
    ]
    assert len(world.rows("event_id")) == 3


def test_a_run_that_dies_after_a_file_leaves_only_what_it_would_write_again(world: World, tmp_path: Path) -> None:
    world.arrive(usage_v2())
    orphan = tmp_path / "orphan"
    orphan.write_bytes(b"stored, and no manifest says so")
    world.run()
    (file,) = world.files()
    world.archive.store_manifest(Manifest(TODAY))

    assert world.run() == Compaction(files=1, deliveries=1)
    assert [again.stored.key for again in world.files()] == [file.stored.key]


def test_the_same_content_written_again_is_no_damage(world: World) -> None:
    record = a_record(usage_v2())
    world.archive.write([record])
    world.run()
    world.archive.write([record])

    assert world.run() == NOTHING
    assert world.archive.partition(TODAY).changed() == ()


def test_a_raw_object_with_other_content_is_damage(world: World) -> None:
    key = world.arrive(usage_v2())
    world.run()
    world.archive.replace_raw(key, [a_record(usage_v2(subject="globex"))])

    assert world.run() == Compaction(damages=1)
    assert world.damage() == f"{key}: raw object has other content than when it was compacted"


def test_a_raw_object_that_is_gone_is_damage_and_its_deliveries_stay(world: World) -> None:
    key = world.arrive(usage_v2())
    world.run()
    world.archive.lose(key)

    assert world.run() == Compaction(damages=1)
    assert world.damage() == f"{key}: raw object is gone"
    assert world.rows("event_id") == [("call-1",)]


@pytest.mark.parametrize("harm", ["lost", "replaced"])
def test_a_compacted_file_that_was_harmed_is_damage_and_made_again(world: World, harm: str) -> None:
    world.arrive(usage_v2())
    world.run()
    (file,) = world.files()
    if harm == "lost":
        world.archive.lose(file.stored.key)
    else:
        world.archive.replace_file(file.stored.key, json.dumps({"not": "parquet"}).encode())

    assert world.run() == Compaction(files=1, deliveries=1, damages=1)
    assert file.stored.key in world.damage()
    assert world.rows("event_id") == [("call-1",)]
    assert world.run() == NOTHING


def test_what_cannot_be_made_again_stays_in_the_manifest(world: World) -> None:
    key = world.arrive(usage_v2())
    world.run()
    (file,) = world.files()
    world.archive.lose(file.stored.key)
    world.archive.lose(key)
    world.arrive(usage_v2(id="call-2"))

    world.run()

    assert file in world.archive.partition(TODAY).manifest.files
    assert world.run().damages == 2


def test_a_day_that_was_compacted_long_ago_is_not_looked_at(world: World) -> None:
    world.arrive(usage_v2())
    world.run()
    world.arrive(usage_v2(id="call-2"))

    assert world.run(now=NEXT_MORNING + timedelta(days=30)) == NOTHING


def test_an_archive_that_is_older_than_compaction_is_compacted(world: World) -> None:
    world.arrive(usage_v2())

    assert world.run(now=NEXT_MORNING + timedelta(days=30)) == Compaction(files=1, deliveries=1)
