"""$filter: comparisons of fields with literals, and, or, not, brackets; texts compare without regard to case."""

import re
from collections.abc import Callable
from decimal import Decimal
from fnmatch import fnmatchcase

from simulators.erp.dynamics_finance.dialect import bad_request
from simulators.erp.dynamics_finance.values import EnumName, Row

Predicate = Callable[[Row], bool]

TOKEN = re.compile(
    r"\s*(?:(?P<bracket>[()])"
    r"|(?P<enum>Microsoft\.Dynamics\.DataEntities\.\w+'\w+')"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<date>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>\w+))"
)
OPERATORS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})


def parse_filter(expression: str) -> Predicate:
    """Raise a Refusal for what this simulator does not understand."""
    if not expression.strip():
        return lambda _: True
    parser = _Parser(expression)
    predicate = parser.either()
    parser.expect_end()
    return predicate


class _Parser:
    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens: list[tuple[str, str]] = []
        position = 0
        while position < len(expression.rstrip()):
            found = TOKEN.match(expression, position)
            if found is None:
                raise self._refusal()
            kind = found.lastgroup or ""
            self._tokens.append((kind, found[kind]))
            position = found.end()

    def either(self) -> Predicate:
        left = self._both()
        while self._take("or"):
            left = _either(left, self._both())
        return left

    def expect_end(self) -> None:
        if self._tokens:
            raise self._refusal()

    def _both(self) -> Predicate:
        left = self._one()
        while self._take("and"):
            left = _both(left, self._one())
        return left

    def _one(self) -> Predicate:
        if self._take("not"):
            inverted = self._one()
            return lambda row: not inverted(row)
        if self._take("("):
            inner = self.either()
            if not self._take(")"):
                raise self._refusal()
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        (field_kind, field), (_, operator), literal = self._next(), self._next(), self._next()
        if field_kind != "word" or operator not in OPERATORS:
            raise self._refusal()
        return lambda row: _holds(row, field, operator, literal)

    def _next(self) -> tuple[str, str]:
        if not self._tokens:
            raise self._refusal()
        return self._tokens.pop(0)

    def _take(self, word: str) -> bool:
        if self._tokens and self._tokens[0][1] == word:
            del self._tokens[0]
            return True
        return False

    def _refusal(self) -> Exception:
        return bad_request(f"Syntax error in $filter '{self._expression}'.")


def _either(left: Predicate, right: Predicate) -> Predicate:
    return lambda row: left(row) or right(row)


def _both(left: Predicate, right: Predicate) -> Predicate:
    return lambda row: left(row) and right(row)


def _holds(row: Row, field: str, operator: str, literal: tuple[str, str]) -> bool:
    if field not in row:
        raise bad_request(f"Could not find a property named '{field}'.")
    kind, written = literal
    actual = row[field]
    if isinstance(actual, EnumName) is not (kind == "enum"):
        raise bad_request(f"'{field}' and {written} have no common type to compare.")
    match kind:
        case "enum":
            order = _order(str(actual), written.split("'")[1])
        case "text":
            return _compares_texts(str(actual), written[1:-1].replace("''", "'"), operator)
        case "date":
            order = _order(str(actual), written)
        case _ if isinstance(actual, int | Decimal):
            order = _order(Decimal(actual), Decimal(written))
        case _:
            raise bad_request(f"'{field}' and {written} have no common type to compare.")
    return _is(order, operator)


def _compares_texts(actual: str, wanted: str, operator: str) -> bool:
    actual, wanted = actual.casefold(), wanted.casefold()
    if "*" in wanted and operator in {"eq", "ne"}:  # a star stands for any characters
        return fnmatchcase(actual, re.sub(r"([?\[\]])", r"[\1]", wanted)) is (operator == "eq")
    return _is(_order(actual, wanted), operator)


def _order(left: str | Decimal, right: str | Decimal) -> int:
    return (left > right) - (left < right)  # type: ignore[operator]


def _is(order: int, operator: str) -> bool:
    return {
        "eq": order == 0,
        "ne": order != 0,
        "gt": order > 0,
        "ge": order >= 0,
        "lt": order < 0,
        "le": order <= 0,
    }[operator]
