"""A narrow SuiteQL: SELECT columns FROM one table WHERE comparisons joined by AND. Everything else is refused."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne

from simulators.erp.netsuite.dialect import invalid_content

Value = str | Decimal | date
Row = Mapping[str, Value]

STATEMENT = re.compile(
    r"\s*select\s+(?P<columns>.+?)\s+from\s+(?P<table>\w+)(?:\s+where\s+(?P<where>.+?))?"
    r"(?:\s+order\s+by\s+(?P<order>\w+)(?:\s+asc)?)?\s*",
    re.IGNORECASE | re.DOTALL,
)
COLUMN = re.compile(
    r"(?:to_char\(\s*(?P<dated>\w+)\s*,\s*'YYYY-MM-DD'\s*\)|(?P<plain>\w+))(?:\s+as\s+(?P<alias>\w+))?", re.IGNORECASE
)
CONDITION = re.compile(
    r"\s*(?P<column>\w+)\s*(?P<operator><=|>=|<>|!=|=|<|>)\s*"
    r"(?:to_date\(\s*'(?P<date>\d{4}-\d\d-\d\d)'\s*,\s*'YYYY-MM-DD'\s*\)"
    r"|'(?P<text>(?:[^']|'')*)'|(?P<number>-?\d+(?:\.\d+)?))\s*",
    re.IGNORECASE,
)
AND = re.compile(r"and\b", re.IGNORECASE)
OPERATORS: Mapping[str, Callable[[Value, Value], bool]] = {
    "=": eq,
    "<>": ne,
    "!=": ne,
    "<": lt,
    ">": gt,
    "<=": le,
    ">=": ge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    column: str
    operator: str
    value: Value

    def holds(self, row: Row) -> bool:
        actual = row[self.column]
        if isinstance(actual, date) is not isinstance(self.value, date):
            raise _not_understood(f"{self.column} is compared with another kind of value")
        if isinstance(actual, date):
            return OPERATORS[self.operator](actual, self.value)
        return OPERATORS[self.operator](str(actual), str(self.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What is selected. A plain date is shown as the account's users see it, month first; TO_CHAR is exact."""

    name: str
    alias: str
    exact_date: bool

    def of(self, row: Row) -> str:
        value = row[self.name]
        if not isinstance(value, date):
            return str(value)
        return value.isoformat() if self.exact_date else f"{value.month}/{value.day}/{value.year}"


def select(query: str, tables: Mapping[str, Callable[[], Sequence[Row]]]) -> list[dict[str, str]]:
    """Return the rows that a query selects; raises a Refusal for what is not understood. Columns are lower-case."""
    statement = STATEMENT.fullmatch(query)
    if statement is None or statement["table"].lower() not in tables:
        raise _not_understood(query)
    columns = [_column(text) for text in re.split(r",(?![^(]*\))", statement["columns"])]
    conditions = _conditions(statement["where"] or "")
    rows = tables[statement["table"].lower()]()
    try:
        chosen = [row for row in rows if all(condition.holds(row) for condition in conditions)]
        if statement["order"]:
            chosen.sort(key=lambda row: str(row[statement["order"].lower()]))
        return [{column.alias: column.of(row) for column in columns} for row in chosen]
    except KeyError as error:
        raise invalid_content(f"Invalid search query. Field {error} was not found.") from error


def _column(text: str) -> Column:
    found = COLUMN.fullmatch(text.strip())
    if found is None:
        raise _not_understood(text)
    name = (found["dated"] or found["plain"]).lower()
    return Column(name=name, alias=(found["alias"] or name).lower(), exact_date=found["dated"] is not None)


def _conditions(where: str) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    position = 0
    while position < len(where):
        if conditions:
            join = AND.match(where, position)
            if join is None:
                raise _not_understood(where)
            position = join.end()
        found = CONDITION.match(where, position)
        if found is None:
            raise _not_understood(where)
        conditions.append(Condition(column=found["column"].lower(), operator=found["operator"], value=_literal(found)))
        position = found.end()
    return tuple(conditions)


def _literal(found: re.Match[str]) -> Value:
    if found["date"] is not None:
        try:
            return date.fromisoformat(found["date"])
        except ValueError as error:
            raise _not_understood(found["date"]) from error
    return Decimal(found["number"]) if found["text"] is None else found["text"].replace("''", "'")


def _not_understood(text: str) -> Exception:
    return invalid_content(f"Invalid search query. This simulator does not understand: {text}")
