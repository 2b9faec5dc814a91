"""Cuts a file of usage events (CloudEvents, one JSON object a line, plain or gzipped) into parts, of any size.

The same file makes the same parts, so that loading it again loads nothing twice.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from shared.adapters.chunks import bounded_chunks
from shared.domain.backfill.backfill import Part

MOST_EVENTS_A_PART = 5_000
MOST_BYTES_A_PART = 900_000  # a record of the archive is read like one of a stream, which has a mebibyte
MOST_BYTES_AN_EVENT = 64 * 1024
_LONGEST_LINE = MOST_BYTES_AN_EVENT + len("\r\n") + 1
_FAULTS_NAMED = 20


class UnusableFileError(ValueError):
    """The file cannot be unpacked, has no line, or one that is no event; each argument is one fault in words."""


def check_file(path: Path) -> int:
    """Return how many events a file has, at least one. Raises UnusableFileError or OSError."""
    faults: list[str] = []
    count = 0
    for number, line in _lines(path):
        count += 1
        if fault := _fault(line):
            faults.append(f"{path}:{number}: {fault}")
            if len(faults) == _FAULTS_NAMED:
                break
    if not count:
        faults.append(f"{path}: it holds no event")
    if faults:
        raise UnusableFileError(*faults)
    return count


def file_parts(path: Path) -> Iterator[tuple[Part, bytes]]:
    """Yield the parts of a file that check_file() found sound, in its order, one in memory at a time."""
    texts = (line for _, line in _lines(path))
    for chunk in bounded_chunks(
        texts, size_of=lambda text: len(text) + 1, most_items=MOST_EVENTS_A_PART, most_bytes=MOST_BYTES_A_PART
    ):
        data = b"[" + b",".join(chunk) + b"]"
        yield Part.of(data, len(chunk)), data


def _fault(line: bytes) -> str:
    if len(line) > MOST_BYTES_AN_EVENT:
        return f"it has more than {MOST_BYTES_AN_EVENT} bytes, the most that an event may have"
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return "it is not JSON"
    return "" if isinstance(event, dict) else "it is no JSON object"


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines with their numbers; of one that is too long for an event only so much that this is seen."""
    try:
        with _open(path) as file:
            number = 1
            while line := file.readline(_LONGEST_LINE):
                if text := line.strip():
                    yield number, text
                while line and not line.endswith(b"\n"):
                    line = file.readline(_LONGEST_LINE)
                number += 1
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnusableFileError(f"{path}: it cannot be unpacked: {error}") from error


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        is_gzipped = file.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if is_gzipped else path.open("rb")
