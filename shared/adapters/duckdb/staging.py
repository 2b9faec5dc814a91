"""Rows on their way into DuckDB, through a file: the only way that takes no other library and no memory."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from shared.domain.money import EXACT

Value: TypeAlias = str | int | None
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ID_BYTES = 16
_IDS_AT_ONCE = 10_000


def write_rows(path: Path, rows: Iterable[Iterable[Value]]) -> int:
    """Add rows to a file for staged(), and return how many there were. Text may hold anything; None stays None."""
    count = 0
    with path.open("a", encoding="utf-8", newline="") as file:
        for count, row in enumerate(rows, start=1):  # noqa: B007 - the last number is the answer
            file.write(",".join(map(_field, row)) + "\n")
    return count


def write_ids(path: Path, ids: Iterable[bytes]) -> None:
    """Add ids of 16 bytes to a file for staged(), each a row of one text."""
    with path.open("a", encoding="ascii", newline="") as file:
        coming = iter(ids)
        while some := b"".join(islice(coming, _IDS_AT_ONCE)):
            file.write(some.hex("\n", _ID_BYTES) + "\n")


def staged(path: Path, columns: str) -> str:
    """Return the SQL that reads a file of write_rows(). `columns` are names and types, as in CREATE TABLE."""
    named = ", ".join("'{}': '{}'".format(*column.split()) for column in columns.split(","))
    # Nothing is guessed: empty is NULL, and a text, also an empty one, is in quotes.
    return (
        f"read_csv({quoted(path)}, auto_detect=false, header=false, delim=',', quote='\"', escape='\"', "
        f"new_line='\\n', nullstr='', allow_quoted_nulls=false, columns={{{named}}})"
    )


def quoted(text: object) -> str:
    """Write an SQL literal of a text."""
    return "'" + str(text).replace("'", "''") + "'"


def micros(instant: datetime) -> int:
    """Return an instant as microseconds since 1970, which DuckDB's own instants are made of."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND


def split(number: Decimal, *, decimals: int) -> tuple[int, int]:
    """Return a number as two whole ones: units, and parts of which 10**decimals make a unit. Parts are never negative.

    DuckDB has 38 digits. Summed apart, a billion quantities of 15 and 18 digits are exact; an overflow is an error.
    Raises ValueError for a number with more decimals.
    """
    whole = int(number)
    if whole == number:
        return whole, 0
    scaled = number.scaleb(decimals, EXACT)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{number} has more than {decimals} decimals")
    units, parts = divmod(whole, 10**decimals)
    return units, parts


def joined(units: int, parts: int, *, decimals: int) -> Decimal:
    """Return the number that split() took apart."""
    return Decimal(units * 10**decimals + parts).scaleb(-decimals, EXACT)


def _field(value: Value) -> str:
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return "" if value is None else str(value)
