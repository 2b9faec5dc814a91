"""How records become bytes: CSV by RFC 4180 or fixed width, in the encoding and with the line ends of a setting."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeVar

from shared.domain.erp_files.record import LAYOUTS, Field, FieldType, Record, on_one_line

# What a spreadsheet takes for the beginning of a formula; and the guard itself, so that it can be taken away again.
GUARDED = ("=", "+", "-", "@", "'")
GUARD = "'"


class FormatSettingError(ValueError):
    """A setting of a legal entity's mapping says nothing that a file can be; the text says which."""


class TextNotWritableError(ValueError):
    """A text has a character that the file's encoding does not have."""


class Shape(StrEnum):
    CSV = "csv"
    FIXED = "fixed"

    @property
    def extension(self) -> str:
        return "csv" if self is Shape.CSV else "txt"


class Encoding(StrEnum):
    UTF_8 = "utf-8"
    LATIN_1 = "iso-8859-1"

    def lacks(self, text: str) -> str:
        """Return the first character of a text, as files have it, that cannot be written; "" where all can."""
        try:
            on_one_line(text).encode(self)
        except UnicodeEncodeError as error:
            return error.object[error.start]
        return ""


class LineEnd(StrEnum):
    CRLF = "crlf"
    LF = "lf"

    @property
    def characters(self) -> str:
        return "\r\n" if self is LineEnd.CRLF else "\n"


Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    shape: Shape = Shape.CSV
    encoding: Encoding = Encoding.UTF_8
    line_end: LineEnd = LineEnd.CRLF

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> Self:
        """Read the settings `file_format`, `encoding` and `line_end`; raises FormatSettingError."""
        return cls(
            shape=_said(settings, "file_format", Shape.CSV),
            encoding=_said(settings, "encoding", Encoding.UTF_8),
            line_end=_said(settings, "line_end", LineEnd.CRLF),
        )

    def encoded(self, records: Iterable[Record]) -> bytes:
        """Write the records, a line each. Raises TextNotWritableError, and ValueError for what is wider than its field.

        The widths are those of both shapes: who reads one into fields of a database can rely on them.
        """
        lines = (self._csv_line(record) if self.shape is Shape.CSV else _fixed_line(record) for record in records)
        end = self.line_end.characters
        try:
            return "".join(f"{line}{end}" for line in lines).encode(self.encoding)
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            raise TextNotWritableError(f"{character!r} cannot be written in {self.encoding}") from None

    def _csv_line(self, record: Record) -> str:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([record.type.value, *(_cell(*each) for each in _fields(record))])
        return line.getvalue()


def _said(settings: Mapping[str, str], name: str, usual: Word) -> Word:
    words, text = type(usual), settings.get(name, usual)
    if text not in tuple(words):
        raise FormatSettingError(f"{name} is one of {', '.join(words)}, not {text!r}")
    return words(text)


def _fields(record: Record) -> Iterator[tuple[Field, str]]:
    """Yield each field with its text on one line, of at most its width; raises ValueError for a wider one."""
    for field in LAYOUTS[record.type]:
        text = on_one_line(record[field.name])
        if len(text) > field.width:
            raise ValueError(f"{field.name} of a record {record.type} has more than {field.width} characters")
        yield field, text


def _cell(field: Field, text: str) -> str:
    return f"{GUARD}{text}" if field.type is FieldType.TEXT and text.startswith(GUARDED) else text


def _fixed_line(record: Record) -> str:
    return record.type.value + "".join(_padded(*each) for each in _fields(record))


def _padded(field: Field, text: str) -> str:
    match field.type:
        case FieldType.TEXT:
            return text.ljust(field.width)
        case FieldType.AMOUNT:
            return f"{int(text or '0'):+0{field.width}d}"
        case FieldType.COUNT:
            return f"{int(text or '0'):0{field.width}d}"
