"""Reads a file of usage events (CloudEvents, one JSON object a line) as a product's producer would send them.

Nothing is judged here: a line that no product should send goes on the stream as it is, and ingest says why not.
Only what a stream cannot carry at all is refused here, by line, and reported.
"""

import gzip
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.domain.time_period import parse_instant

STREAM_RECORD_BYTES_MAX = 1024 * 1024 - 256  # Kinesis: 1 MiB a record, partition key included
PACKED_RECORD_BYTES_MAX = 200_000
PACKED_WITHIN = timedelta(hours=1)  # what a producer that flushes hourly would do
PACKABLE_BYTES_MAX = 32_000
PACKABLE_BRACKETS_MAX = 12
PARTITION_KEYS = 4


class NoEventsError(ValueError):
    """The file holds no line with a readable event time, so no simulated time can be told from it."""


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of the file and when it reaches the stream (UTC)."""

    number: int
    arrives_at: datetime
    partition_key: str
    text: bytes
    packable: bool  # one JSON object: may share a stream record with others
    events: int = 1  # a line may hold a CloudEvents batch of its own


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line too long for any stream record."""

    number: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class EventsFile:
    """All lines in the order in which they arrive, and the latest event time of each subject."""

    lines: tuple[EventLine, ...]
    refused: tuple[RefusedLine, ...]
    last_event_of: dict[str, datetime]  # by subject, UTC


@dataclass(frozen=True, slots=True)
class PackedRecord:
    """One stream record: a CloudEvents batch, or a single line as it stood in the file."""

    arrived_at: datetime
    partition_key: str
    data: bytes


def read_events_file(path: Path) -> EventsFile:
    """Read a plain or gzipped file. An event arrives at its own time, or at `arrivaltime` when that is given.

    A line whose time cannot be read arrives with the line before it. Raises NoEventsError for a file without any
    event time, OSError when it cannot be read.
    """
    lines: list[EventLine] = []
    refused: list[RefusedLine] = []
    untimed: list[tuple[int, bytes]] = []
    last_event_of: dict[str, datetime] = {}
    previous_arrival: datetime | None = None
    with _open(path) as file:
        for number, raw in enumerate(file, start=1):
            text = raw.strip(b"\r\n")
            if not text.strip():
                continue
            if len(text) > STREAM_RECORD_BYTES_MAX:
                refused.append(RefusedLine(number, len(text)))
                continue
            occurred_at, arrival, subject, packable = _peek(text)
            if occurred_at is not None:
                last_event_of[subject] = max(occurred_at, last_event_of.get(subject, occurred_at))
            arrives_at = arrival or occurred_at or previous_arrival
            if arrives_at is None:
                untimed.append((number, text))
                continue
            previous_arrival = arrives_at
            lines.append(EventLine(number, arrives_at, _partition_key(subject), text, packable))
    if not lines or not last_event_of:
        raise NoEventsError(f"{path}: no line has an event time")
    first_arrival = min(line.arrives_at for line in lines)
    lines += [EventLine(number, first_arrival, "unreadable", text, packable=False) for number, text in untimed]
    lines.sort(key=lambda line: (line.arrives_at, line.number))
    return EventsFile(tuple(lines), tuple(refused), last_event_of)


def pack(lines: Sequence[EventLine]) -> Iterator[PackedRecord]:
    """Pack lines that arrive close together under one partition key into CloudEvents batches, in arrival order."""
    open_packs: dict[str, list[EventLine]] = {}
    sizes: dict[str, int] = {}
    for line in lines:
        if not line.packable:
            yield PackedRecord(line.arrives_at, line.partition_key, line.text)
            continue
        waiting = open_packs.setdefault(line.partition_key, [])
        size = sizes.get(line.partition_key, 0)
        if waiting and (
            line.arrives_at - waiting[0].arrives_at > PACKED_WITHIN or size + len(line.text) > PACKED_RECORD_BYTES_MAX
        ):
            yield _packed(waiting)
            waiting.clear()
            size = 0
        waiting.append(line)
        sizes[line.partition_key] = size + len(line.text) + 1
    for waiting in open_packs.values():
        if waiting:
            yield _packed(waiting)


def _packed(lines: Sequence[EventLine]) -> PackedRecord:
    data = b"[" + b",".join(line.text for line in lines) + b"]" if len(lines) > 1 else lines[0].text
    return PackedRecord(lines[-1].arrives_at, lines[0].partition_key, data)


def _open(path: Path) -> AbstractContextManager[Iterable[bytes]]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _peek(text: bytes) -> tuple[datetime | None, datetime | None, str, bool]:
    """Look for event time, arrival time and subject, forgiving everything."""
    try:
        event = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return None, None, "unreadable", False
    if not isinstance(event, dict):
        return None, None, "unreadable", False
    data = event.get("data")
    named = event.get("subject") or (data.get("customer") if isinstance(data, dict) else None)
    plain = len(text) <= PACKABLE_BYTES_MAX and text.count(b"{") + text.count(b"[") <= PACKABLE_BRACKETS_MAX
    return _instant(event.get("time")), _instant(event.get("arrivaltime")), str(named), plain


def _partition_key(subject: str) -> str:
    return f"producer-{zlib.crc32(subject.encode(errors='replace')) % PARTITION_KEYS}"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is no finite number")
    return number


def _instant(value: object) -> datetime | None:
    try:
        return parse_instant(value).astimezone(UTC) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
