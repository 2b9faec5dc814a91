"""What the converters' command lines share: arguments, files, the report of refused lines."""

import argparse
import gzip
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import BinaryIO

from operations.converters.catalog_folder import MeteredPrice, write_catalog
from operations.converters.usage_events import OnRefused, RefusedLine

Convert = Callable[[Iterable[bytes], OnRefused], Iterator[dict[str, object]]]

ALL_CONVERTED, SOME_REFUSED, UNUSABLE = 0, 1, 2


class UnusableFileError(ValueError):
    """The file as a whole cannot be converted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What every converter is told. `prices` are per unit of a meter, in `currency`, for the generated catalogue."""

    file: Path
    source: str
    out: Path
    catalog: Path | None
    currency: str
    prices: Mapping[str, Decimal]

    @classmethod
    def of(cls, chosen: argparse.Namespace) -> "Arguments":
        return cls(
            file=chosen.file,
            source=chosen.source,
            out=chosen.out,
            catalog=chosen.catalog,
            currency=chosen.currency,
            prices=dict(chosen.price),
        )


@dataclass(slots=True)
class _Converted:
    events: int = 0
    refused: int = 0
    subjects: set[str] = field(default_factory=set)
    first_day: date | None = None

    def count(self, event: Mapping[str, object]) -> None:
        day = date.fromisoformat(str(event["time"])[:10])
        self.events += 1
        self.subjects.add(str(event["subject"]))
        self.first_day = day if self.first_day is None else min(self.first_day, day)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="plain, or gzipped where it ends in .gz")
    parser.add_argument(
        "--source", required=True, help="names where the file comes from; part of every event's identity"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="one event a line; replaced whole")
    parser.add_argument("--catalog", type=Path, metavar="DIR", help="also write a catalogue for everyone in the file")
    parser.add_argument("--currency", default="USD", help="of the catalogue (default: USD)")
    parser.add_argument(
        "--price",
        action="append",
        default=[],
        type=_priced,
        metavar="METER=PRICE",
        help="of one unit, for the catalogue; needed for each meter",
    )


def pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def run(given: Arguments, *, meters: Mapping[str, str], convert: Convert) -> int:
    """Convert the file, name every refused line on standard error, and return the exit status.

    `meters` maps each meter to how its events become a quantity.
    """
    unpriced = [meter for meter in meters if given.catalog and meter not in given.prices]
    if unpriced:
        return _unusable(given.file, f"a catalogue needs --price {unpriced[0]}=…")
    try:
        converted = _write_events(given, convert)
    except OSError as error:
        return _unusable(Path(error.filename or given.file), error.strerror or str(error))
    except (EOFError, zlib.error, UnusableFileError) as error:
        return _unusable(given.file, str(error))
    if converted.first_day is None:
        return _unusable(given.file, f"no usage in it; lines refused: {converted.refused}")
    if given.catalog:
        write_catalog(
            given.catalog,
            subjects=converted.subjects,
            prices=[MeteredPrice(meter, meters[meter], given.prices[meter]) for meter in meters],
            currency=given.currency,
            valid_from=converted.first_day.replace(day=1),
        )
    print(f"events: {converted.events}, subjects: {len(converted.subjects)}, lines refused: {converted.refused}")
    return SOME_REFUSED if converted.refused else ALL_CONVERTED


def _write_events(given: Arguments, convert: Convert) -> _Converted:
    """Write beside the target first, so that a failure half way leaves no half file under its name."""
    converted = _Converted()

    def on_refused(line: RefusedLine) -> None:
        converted.refused += 1
        print(f"{given.file}:{line.number}: {line.reason}", file=sys.stderr)

    unfinished = given.out.with_name(given.out.name + ".part")
    try:
        with _open(given.file) as lines, unfinished.open("w", encoding="utf-8") as out:
            for event in convert(lines, on_refused):
                converted.count(event)
                out.write(json.dumps(event) + "\n")
        unfinished.replace(given.out)
    finally:
        unfinished.unlink(missing_ok=True)
    return converted


def _open(path: Path) -> AbstractContextManager[Iterable[bytes] | BinaryIO]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _unusable(file: Path, reason: str) -> int:
    print(f"{file}: {reason}", file=sys.stderr)
    return UNUSABLE


def _priced(text: str) -> tuple[str, Decimal]:
    meter, price = pair(text)
    try:
        return meter, Decimal(price)
    except InvalidOperation as error:
        raise argparse.ArgumentTypeError(f"{price!r} is no price") from error
