"""$filter: comparisons of a property with a literal, joined by and, or and brackets."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from simulators.erp.sap_s4hana.dialect import bad_request

TOKEN = re.compile(r"\s*(\(|\)|datetime'[^']*'|'(?:[^']|'')*'|[\w./-]+)")
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {"eq": eq, "ne": ne, "gt": gt, "ge": ge, "lt": lt, "le": le}
DEPTH_MAX = 20

Holds = Callable[[Mapping[str, Any]], bool]


def parse_filter(expression: str) -> Holds:
    """Return what tells whether an entity is selected; raises a Refusal for what is not understood."""
    if not expression.strip():
        return lambda _: True
    tokens, end = [], 0
    while end < len(expression.rstrip()):
        found = TOKEN.match(expression, end)
        if found is None:
            raise bad_request(f"Invalid token detected at position {end}")
        tokens.append(found.group(1))
        end = found.end()
    parser = _Parser(tokens)
    holds = parser.either(0)
    if parser.rest:
        raise bad_request(f"Invalid token detected: {parser.rest[0]}")
    return holds


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.rest = tokens

    def either(self, depth: int) -> Holds:
        options = [self._all(depth)]
        while self.rest[:1] == ["or"]:
            self._next()
            options.append(self._all(depth))
        return lambda entity: any(holds(entity) for holds in options)

    def _all(self, depth: int) -> Holds:
        conditions = [self._one(depth)]
        while self.rest[:1] == ["and"]:
            self._next()
            conditions.append(self._one(depth))
        return lambda entity: all(holds(entity) for holds in conditions)

    def _one(self, depth: int) -> Holds:
        name = self._next()
        if name == "(":
            if depth == DEPTH_MAX:
                raise bad_request("The filter nests too deeply")
            holds = self.either(depth + 1)
            if self._next() != ")":
                raise bad_request("A bracket of the filter is not closed")
            return holds
        operator, literal = self._next(), _literal(self._next())
        if operator not in OPERATORS:
            raise bad_request(f"Operator {operator} is not supported")
        return lambda entity: _compares(entity, name, OPERATORS[operator], literal)

    def _next(self) -> str:
        if not self.rest:
            raise bad_request("The filter ends too early")
        return self.rest.pop(0)


def _compares(entity: Mapping[str, Any], name: str, operator: Callable[[Any, Any], bool], literal: object) -> bool:
    if name not in entity:
        raise bad_request(f"Property {name} not found")
    value = entity[name]
    if value is None or literal is None:
        return operator is (eq if value is literal else ne)
    if isinstance(value, date) != isinstance(literal, date) or isinstance(value, bool) != isinstance(literal, bool):
        raise bad_request(f"The literal does not fit the type of {name}")
    return operator(value, literal)


def _literal(text: str) -> object:
    if text.startswith("datetime'"):
        try:
            return datetime.fromisoformat(text[len("datetime'") : -1]).date()
        except ValueError as error:
            raise bad_request(f"{text} is no date and time") from error
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    match text:
        case "true" | "false":
            return text == "true"
        case "null":
            return None
        case _:
            raise bad_request(f"The literal {text} is not understood")
