"""Reads a file of either shape into rows; whatever is not as the specification says is a LayoutError."""

import csv
import io
import re
from collections.abc import Mapping
from typing import Any, Final

from simulators.erp.legacy_files.layouts import LAYOUTS, TEXT, Column, Row

GUARDED: Final = re.compile(r"'[=+\-@']")
LINE_ENDS: Final = {"crlf": "\r\n", "lf": "\n"}
ENCODINGS: Final = {"utf-8", "iso-8859-1"}
WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]+")


class LayoutError(ValueError):
    """A record cannot be read; the text says which and why."""


def rows_of(content: bytes, manifest: Mapping[str, Any]) -> list[Row]:
    """Return the records in order; their order is checked too: H, documents with their lines, C records, T."""
    if manifest.get("encoding") not in ENCODINGS or manifest.get("line_end") not in LINE_ENDS:
        raise LayoutError("encoding or line_end is none of the specification")
    try:
        text = content.decode(str(manifest["encoding"]))
    except UnicodeDecodeError as error:
        raise LayoutError(f"byte {error.start} is not {manifest['encoding']}") from None
    end = LINE_ENDS[str(manifest["line_end"])]
    if not text.endswith(end):
        raise LayoutError("the last line does not end")
    lines = text.removesuffix(end).split(end)
    match manifest.get("format"):
        case "csv":
            rows = [_csv_row(number, line) for number, line in enumerate(lines, start=1)]
        case "fixed":
            rows = [_fixed_row(number, line) for number, line in enumerate(lines, start=1)]
        case other:
            raise LayoutError(f"format {other!r}")
    letters = "".join(row.type for row in rows)
    if not re.fullmatch(r"H(D(L+X*|J+))+C+T", letters):
        raise LayoutError("the records are not in order")
    _lines_belong_to_their_documents(rows)
    return rows


def _lines_belong_to_their_documents(rows: list[Row]) -> None:
    document = ""
    for number, row in enumerate(rows, start=1):
        if row.type == "D":
            document = row["external_ref"]
        elif row.type in "LXJ" and row["external_ref"] != document:
            raise LayoutError(f"line {number}: it is of another document than the one before it")


def _csv_row(number: int, line: str) -> Row:
    try:
        letter, *values = next(csv.reader(io.StringIO(line), strict=True))
    except (csv.Error, StopIteration) as error:
        raise LayoutError(f"line {number}: {error}") from None
    columns = _columns(number, letter)
    if len(values) != len(columns):
        raise LayoutError(f"line {number}: {len(values)} fields, not {len(columns)}")
    bare = [
        value[1:] if GUARDED.match(value) and column.kind == TEXT else value for column, value in _pair(columns, values)
    ]
    return _row(number, letter, columns, bare)


def _fixed_row(number: int, line: str) -> Row:
    letter, rest = line[:1], line[1:]
    columns = _columns(number, letter)
    if len(rest) != sum(column.width for column in columns):
        raise LayoutError(f"line {number}: {len(rest)} characters behind its letter")
    values: list[str] = []
    for column in columns:
        values.append(rest[: column.width].rstrip(" "))
        rest = rest[column.width :]
    return _row(number, letter, columns, values)


def _row(number: int, letter: str, columns: list[Column], values: list[str]) -> Row:
    for column, value in _pair(columns, values):
        if len(value) > column.width:
            raise LayoutError(f"line {number}: {column.name} is too long")
        if column.kind != TEXT and not WHOLE_NUMBER.fullmatch(value):
            raise LayoutError(f"line {number}: {column.name} is no whole number")
    return Row(letter, {column.name: value for column, value in _pair(columns, values)})


def _columns(number: int, letter: str) -> list[Column]:
    if letter not in LAYOUTS:
        raise LayoutError(f"line {number}: no record is called {letter!r}")
    return LAYOUTS[letter]


def _pair(columns: list[Column], values: list[str]) -> list[tuple[Column, str]]:
    return list(zip(columns, values, strict=True))
