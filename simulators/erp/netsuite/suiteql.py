"""SuiteQL: one SELECT over the account's tables. What the engine here knows and NetSuite does not is refused."""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final, TypeAlias

from simulators.erp.netsuite.dialect import invalid_content

Value: TypeAlias = str | Decimal | date | None
Row: TypeAlias = Mapping[str, Value]

TEXT: Final = re.compile(r"'(?:[^']|'')*'")
NAME: Final = re.compile(r"[a-z_]+", re.IGNORECASE)
NOT_SUITEQL: Final = re.compile(r"\b(?:limit|offset|glob|regexp|sqlite_\w+|pragma|with)\b|;|--", re.IGNORECASE)
KEYWORD: Final = re.compile(r"'(?:[^']|'')*'|\btransaction\b", re.IGNORECASE)  # a table here, a word of the engine's
DATE_TO_TEXT: Final = re.compile(r"\b(\w+)\s*(?:<=|>=|<>|!=|=|<|>)\s*'")
FUNCTIONS: Final = frozenset({"to_date", "to_char", "count", "sum", "max", "min", "upper", "lower", "nvl", "like"})
FORMATS: Final = {"YYYY-MM-DD": "%Y-%m-%d", "YYYY-MM-DD HH24:MI:SS": "%Y-%m-%d %H:%M:%S"}
MARK: Final = "\x01"  # before what is a date inside the engine, and no text


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What can be selected from; `dates` are its columns of dates and instants, `numbers` those of internal ids."""

    columns: tuple[str, ...]
    rows: Callable[[], Sequence[Row]]
    dates: frozenset[str] = field(default_factory=frozenset)
    numbers: frozenset[str] = field(default_factory=frozenset)


def select(query: str, tables: Mapping[str, Table]) -> list[dict[str, str]]:
    """Return the rows that a query selects, names in lower case and without what is null; raises a Refusal.

    A plain date is shown as the account's users see it, month first; TO_CHAR is exact.
    """
    words = TEXT.sub("''", query)
    named = {name.lower() for name in NAME.findall(words)} & set(tables)
    if not words.lstrip().lower().startswith("select") or NOT_SUITEQL.search(words):
        raise _not_understood(query)
    dates = frozenset[str]().union(*(tables[name].dates for name in named))
    if any(column.lower() in dates for column in DATE_TO_TEXT.findall(words)):
        raise _not_understood("a date is compared with a text")
    with closing(sqlite3.connect(":memory:")) as engine:
        for name in named:
            _fill(engine, name, tables[name])
        _allow_only_reading(engine)
        try:
            found = engine.execute(KEYWORD.sub(_quoted, query))
            names = [str(column[0]).lower() for column in found.description]
            return [
                {name: _shown(value) for name, value in zip(names, row, strict=True) if value is not None}
                for row in found
            ]
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _not_understood(f"{query} ({error})") from error


def _fill(engine: sqlite3.Connection, name: str, table: Table) -> None:
    kinds = {column: "INTEGER" if column in table.numbers else "TEXT" for column in table.columns}
    columns = ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())
    engine.execute(f'CREATE TABLE "{name}" ({columns})')
    places = ", ".join("?" for _ in table.columns)
    rows = ([_held(row[column]) for column in table.columns] for row in table.rows())
    engine.executemany(f'INSERT INTO "{name}" VALUES ({places})', rows)  # noqa: S608 - our own names


def _quoted(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("'") else f'"{found[0]}"'


def _allow_only_reading(engine: sqlite3.Connection) -> None:
    engine.create_function("to_date", 2, _to_date, deterministic=True)
    engine.create_function("to_char", 2, _to_char, deterministic=True)
    engine.create_function("nvl", 2, lambda value, other: other if value is None else value, deterministic=True)
    allowed = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}

    def decide(action: int, _: str | None, name: str | None, *__: str | None) -> int:
        known = action == sqlite3.SQLITE_FUNCTION and (name or "").lower() in FUNCTIONS
        return sqlite3.SQLITE_OK if known or action in allowed else sqlite3.SQLITE_DENY

    engine.set_authorizer(decide)


def _held(value: Value) -> str | None:
    match value:
        case datetime():
            return f"{MARK}{value:%Y-%m-%d %H:%M:%S}"
        case date():
            return f"{MARK}{datetime.combine(value, time()):%Y-%m-%d %H:%M:%S}"
        case Decimal():
            return format(value, "f")
        case _:
            return value or None


def _to_date(text: str, form: str) -> str:
    return f"{MARK}{datetime.strptime(text, FORMATS[form]):%Y-%m-%d %H:%M:%S}"  # noqa: DTZ007 - of the account


def _to_char(value: str | None, form: str) -> str | None:
    return None if value is None else _instant(value).strftime(FORMATS[form])


def _shown(value: object) -> str:
    text = str(value)
    if not text.startswith(MARK):
        return text
    instant = _instant(text)
    return f"{instant.month}/{instant.day}/{instant.year}"


def _instant(value: str) -> datetime:
    return datetime.strptime(value.removeprefix(MARK), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - of the account


def _not_understood(text: str) -> Exception:
    return invalid_content(f"Invalid search query. This simulator does not understand: {text}")
