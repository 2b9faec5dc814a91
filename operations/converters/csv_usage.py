"""CSV files with one row per use, such as an export of request logs, as usage.

python -m operations.converters.csv_usage trace.csv.gz --source llm-gateway --out events.jsonl --time TIMESTAMP
--customer acme --meter input_tokens=ContextTokens --meter output_tokens=GeneratedTokens
"""

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import count
from zoneinfo import ZoneInfo

from operations.converters.command import Arguments, UnusableFileError, add_arguments, pair, run
from operations.converters.usage_events import (
    NotUsageError,
    OnRefused,
    RefusedLine,
    checked_quantity,
    checked_subject,
    usage_event,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvColumns:
    """Which column holds what. `meters` maps meters to columns; `zone` is that of times without an offset.

    One of `subject_column` and `subject` says who used it: a column, or one name for all rows.
    """

    time: str
    meters: Mapping[str, str]
    subject_column: str | None = None
    subject: str | None = None
    zone: tzinfo = UTC

    def __post_init__(self) -> None:
        if (self.subject is None) == (self.subject_column is None):
            raise ValueError("either a column names the subject, or one name is given for all rows")

    def needed(self) -> set[str]:
        return {self.time, *self.meters.values(), *([self.subject_column] if self.subject_column else [])}


def convert(
    lines: Iterable[str], columns: CsvColumns, *, source: str, on_refused: OnRefused
) -> Iterator[dict[str, object]]:
    """Yield one event per row and meter, in the order of the rows; a row with a fault in it yields none.

    The id is the number of the row below the heading: a file that only ever grows can be read again. Raises
    UnusableFileError for a heading that lacks a column.
    """
    reader = csv.reader(lines, strict=True)
    heading = _heading(reader, columns)
    for number in count(1):
        first_line = reader.line_num + 1
        try:
            row = next(reader)
            if row:
                yield from _events(_fields(row, heading), columns, source=source, event_id=f"row-{number}")
        except StopIteration:
            return
        except (csv.Error, NotUsageError) as error:
            on_refused(RefusedLine(first_line, _reason(error, first_line, reader.line_num)))


def _reason(error: Exception, first_line: int, last_line: int) -> str:
    """Say how far the row runs: a quote that never closes takes the lines after it along."""
    return f"{error} (the row runs to line {last_line})" if last_line > first_line else str(error)


def _heading(reader: Iterator[list[str]], columns: CsvColumns) -> list[str]:
    try:
        heading = [name.removeprefix("\ufeff").strip() for name in next(reader)]
    except (StopIteration, csv.Error) as error:
        raise UnusableFileError("there is no heading") from error
    missing = sorted(columns.needed() - set(heading))
    if missing:
        raise UnusableFileError(f"the heading has no column {', '.join(missing)}: {', '.join(heading)}")
    return heading


def _fields(row: Sequence[str], heading: Sequence[str]) -> dict[str, str]:
    if len(row) != len(heading):
        raise NotUsageError(f"{len(row)} fields under {len(heading)} columns")
    return dict(zip(heading, row, strict=True))


def _events(fields: Mapping[str, str], columns: CsvColumns, *, source: str, event_id: str) -> list[dict[str, object]]:
    subject = columns.subject or fields[columns.subject_column or ""]
    occurred_at = _instant(fields[columns.time], columns.zone)
    return [
        usage_event(
            event_id=f"{event_id}/{meter}",
            source=source,
            subject=checked_subject(subject.strip()),
            occurred_at=occurred_at,
            meter=meter,
            quantity=checked_quantity(fields[column], name=column),
        )
        for meter, column in columns.meters.items()
    ]


def _instant(text: str, zone: tzinfo) -> datetime:
    """Read an ISO 8601 time; digits beyond the microsecond are cut off."""
    try:
        instant = datetime.fromisoformat(text.strip())
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotUsageError(f"the time is not like 2023-11-16 18:17:03: {text[:40]!r}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Convert a file; the exit status is 0, 1 where rows were refused, 2 where nothing could be read."""
    parser = argparse.ArgumentParser(prog="csv_usage", description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--time", required=True, metavar="COLUMN", help="when it was used")
    parser.add_argument("--zone", type=ZoneInfo, default=UTC, help="of times without an offset (default: UTC)")
    parser.add_argument("--meter", required=True, action="append", type=pair, metavar="METER=COLUMN")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--subject", metavar="COLUMN", help="who used it")
    who.add_argument("--customer", metavar="NAME", help="who used all of it")
    chosen = parser.parse_args(arguments)
    given = Arguments.of(chosen)
    columns = CsvColumns(
        time=chosen.time,
        meters=dict(chosen.meter),
        subject_column=chosen.subject,
        subject=chosen.customer,
        zone=chosen.zone,
    )
    return run(
        given,
        meters=dict.fromkeys(columns.meters, "sum"),
        convert=lambda lines, on_refused: convert(_text(lines), columns, source=given.source, on_refused=on_refused),
    )


def _text(lines: Iterable[bytes]) -> Iterator[str]:
    """Decode line by line: bytes that are no UTF-8 spoil one row, and only where they stand in what is read of it."""
    return (line.decode("utf-8", errors="surrogateescape") for line in lines)


if __name__ == "__main__":
    sys.exit(main())
