"""Reads a file of usage events (CloudEvents, one JSON object a line) as a product's producer would send them.

Nothing is judged here: a line that no product should send goes on the stream as it is, and ingest says why not.
Only what a stream cannot carry at all is refused here, by line, and reported.
"""

import gzip
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from operations.u2c.glance import Glance, believable, glance_at
from shared.domain.exception_record import ExceptionCode
from shared.domain.time_period import Period

STREAM_RECORD_BYTES_MAX = 1024 * 1024 - 256  # Kinesis: 1 MiB a record, partition key included
PACKED_RECORD_BYTES_MAX = 200_000
PACKED_WITHIN = timedelta(hours=1)  # what a producer that flushes hourly would do
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
    events: int  # a line may hold a CloudEvents batch of its own


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that no stream record can hold, or at which a compressed file breaks off."""

    number: int
    code: ExceptionCode
    reason: str


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

    A line whose time cannot be read, or is a year from all others, arrives with the line before it. Raises
    NoEventsError for a file without any event time, OSError when it cannot be read.
    """
    refused: list[RefusedLine] = []
    seen = [(number, text, glance_at(text)) for number, text in _lines(path, refused)]
    arrivals = [glance.arrives_at for _, _, glance in seen if glance.arrives_at]
    if not arrivals:
        raise NoEventsError(f"{path}: {refused[0].reason if refused else 'no line has an event time'}")
    within = believable(arrivals)
    lines: list[EventLine] = []
    last_event_of: dict[str, datetime] = {}
    previous = within.start
    for number, text, glance in seen:
        previous = arrives_at = _arrival(glance, within, previous)
        lines.append(
            EventLine(number, arrives_at, _partition_key(glance.subject), text, glance.packable, glance.events)
        )
        for subject, used_at in glance.used:
            used_by = min(used_at, arrives_at)  # nothing is billed before it happened
            last_event_of[subject] = max(used_by, last_event_of.get(subject, used_by))
    lines.sort(key=lambda line: (line.arrives_at, line.number))
    return EventsFile(tuple(lines), tuple(refused), last_event_of)


def _arrival(glance: Glance, within: Period, previous: datetime) -> datetime:
    return glance.arrives_at if glance.arrives_at and glance.arrives_at in within else previous


def _lines(path: Path, refused: list[RefusedLine]) -> Iterator[tuple[int, bytes]]:
    """Yield each line that a stream record can hold; add the others to `refused`."""
    number = 0
    with _open(path) as file:
        try:
            for number, raw in enumerate(file, start=1):
                text = raw.removeprefix(BOM_UTF8 if number == 1 else b"").strip(b"\r\n")
                if len(text) > STREAM_RECORD_BYTES_MAX:
                    reason = f"the line has {len(text)} bytes; a stream record holds 1 MiB"
                    refused.append(RefusedLine(number, ExceptionCode.PAYLOAD_TOO_LARGE, reason))
                elif text.strip():
                    yield number, text
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            reason = f"the compressed file breaks off in this line, and what follows is lost: {error}"
            refused.append(RefusedLine(number + 1, ExceptionCode.MALFORMED_JSON, reason))


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


def _partition_key(subject: str) -> str:
    return f"producer-{zlib.crc32(subject.encode(errors='replace')) % PARTITION_KEYS}"
