"""A backfill's file is cut into the same parts whenever it is read, and a line that is no event stops it before."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from operations.u2c.backfill import file_parts as module
from operations.u2c.backfill.file_parts import UnusableFileError, check_file, file_parts
from shared.contracts.usage_event.registry import read_record
from shared.domain.usage.event import UsageEvent
from tests.fakes.usage import usage_v2

CALLS = [usage_v2(id=f"call-{number}") for number in range(5)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "missed.jsonl"
    path.write_text("\n\n".join(map(json.dumps, CALLS)) + "\n")
    return path


def test_parts_are_records_that_ingest_reads(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EVENTS_A_PART", 2)

    parts = list(file_parts(file))

    assert [part.events for part, _ in parts] == [2, 2, 1]
    events = [event for _, data in parts for event in read_record(data)]
    assert [event.event_id for event in events if isinstance(event, UsageEvent)] == [call["id"] for call in CALLS]


def test_the_same_events_make_the_same_parts_also_packed(file: Path, tmp_path: Path) -> None:
    packed = tmp_path / "missed.jsonl.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))

    assert [part for part, _ in file_parts(packed)] == [part for part, _ in file_parts(file)]
    assert check_file(packed) == check_file(file) == len(CALLS)


def test_other_events_make_another_part(file: Path) -> None:
    ((before, _),) = file_parts(file)
    file.write_text(file.read_text().replace("call-4", "call-5"))

    ((after, _),) = file_parts(file)

    assert before.name != after.name


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "it is not JSON"),
        ("[{}]", "it is no JSON object"),
        ("[" * 100_000, "it has more than 65536 bytes"),
        ("[" * 60_000, "it is not JSON"),
    ],
)
def test_a_line_that_is_no_event_is_named(file: Path, line: str, fault: str) -> None:
    file.write_text(file.read_text() + line + "\n")

    with pytest.raises(UnusableFileError, match=f"{file.name}:10: {fault}"):
        check_file(file)


def test_a_file_without_an_event_is_not_loaded_as_if_all_were_well(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_text("\n\n")

    with pytest.raises(UnusableFileError, match="it holds no event"):
        check_file(path)


def test_a_packed_file_that_is_damaged_is_named(file: Path, tmp_path: Path) -> None:
    packed = tmp_path / "missed.jsonl.gz"
    whole = gzip.compress(file.read_bytes() * 1_000)
    for damaged in (whole[:-20], whole[:200] + b"\x00" * 50 + whole[250:]):
        packed.write_bytes(damaged)

        with pytest.raises(UnusableFileError, match=f"{packed.name}: it cannot be unpacked"):
            check_file(packed)


def test_a_line_without_an_end_is_not_read_into_memory(tmp_path: Path) -> None:
    """An export in one piece, of any size, is told from lines by its first bytes."""
    path = tmp_path / "array.json"
    with path.open("wb") as file:
        file.write(b"[")
        file.truncate(100_000_000)

    tracemalloc.start()
    with pytest.raises(UnusableFileError, match=f"{path.name}:1: it has more than {64 * 1024} bytes"):
        check_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 10_000_000


def test_only_the_first_faults_are_named(tmp_path: Path) -> None:
    path = tmp_path / "garbage.jsonl"
    path.write_text("garbage\n" * 1_000)

    with pytest.raises(UnusableFileError) as unusable:
        check_file(path)

    assert len(unusable.value.args) == 20
