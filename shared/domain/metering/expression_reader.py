"""Reads the language of meters: a text is parsed once, and every node of it is of the language or refused by its place.

The grammar is a part of Python's, so Python's own parser finds the nodes; nothing of the text is ever executed.
"""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor
from operator import add, eq, ge, gt, le, lt, mul, ne, neg, sub
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from shared.domain.metering.expression_parts import (
    Facts,
    InvalidExpressionError,
    Kind,
    Part,
    attribute,
    event_quantity,
    has_attribute,
    quotient,
)

MOST_CHARACTERS = 500
MOST_NESTED = 50
_LITERAL = re.compile(r"[0-9]{1,40}(?:\.[0-9]{1,40})?")

_Of: TypeAlias = Callable[..., Any]
_ARITHMETIC: Final[Mapping[type, _Of]] = MappingProxyType({ast.Add: add, ast.Sub: sub, ast.Mult: mul})
_EQUALITY: Final[Mapping[type, _Of]] = MappingProxyType({ast.Eq: eq, ast.NotEq: ne})
_ORDER: Final[Mapping[type, _Of]] = MappingProxyType({ast.Lt: lt, ast.LtE: le, ast.Gt: gt, ast.GtE: ge})
_OF_MANY: Final[Mapping[str, _Of]] = MappingProxyType({"min": min, "max": max})
_OF_ONE: Final[Mapping[str, _Of]] = MappingProxyType({"abs": abs, "floor": floor, "ceil": ceil})


@lru_cache(maxsize=1_024)
def read_expression(text: str) -> Part:
    """Read a text; raise InvalidExpressionError for whatever is not of the language."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidExpressionError(f"{len(text)} characters are too many, {MOST_CHARACTERS} at most")
    if not text.isprintable() or "\\" in text:
        raise InvalidExpressionError("an expression is one line without backslashes and control characters")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise InvalidExpressionError(f"at character {error.offset or 1}: {error.msg}") from None
    return _Reader(text.strip()).read(tree.body)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._nested = 0

    def read(self, node: ast.expr) -> Part:
        if self._nested == MOST_NESTED:
            raise self._refused(node, f"nested more than {MOST_NESTED} deep")
        self._nested += 1
        part = self._read(node)
        self._nested -= 1
        return part

    def _read(self, node: ast.expr) -> Part:  # noqa: PLR0911 - one for each kind of node
        at = self._place(node)
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name("quantity"):
                return event_quantity(at)
            case ast.Name(name):
                return attribute(name, at)
            case ast.Subscript(ast.Name("attributes"), ast.Constant(str(name))):
                return attribute(name, at)
            case ast.Compare():
                return self._comparison(node)
            case ast.IfExp():
                return self._choice(node)
            case ast.Call(ast.Name(name), arguments, []):
                return self._call(node, name, arguments)
            case _:
                return self._operation(node)

    def _operation(self, node: ast.expr) -> Part:
        at = self._place(node)
        match node:
            case ast.BinOp(left, ast.Div(), right):
                return quotient(self.read(left), self.read(right), at)
            case ast.BinOp(left, operator, right) if type(operator) in _ARITHMETIC:
                return self._arithmetic(node, _ARITHMETIC[type(operator)], [left, right])
            case ast.UnaryOp(ast.USub(), operand):
                return self._arithmetic(node, neg, [operand])
            case ast.UnaryOp(ast.Not(), operand):
                condition = self._condition(operand)
                return Part(Kind.TRUTH, lambda facts: not condition(facts), at)
            case ast.BoolOp(operator, values):
                conditions = [self._condition(value) for value in values]
                every = all if isinstance(operator, ast.And) else any
                return Part(Kind.TRUTH, lambda facts: every(condition(facts) for condition in conditions), at)
            case _:
                raise self._refused(node, "this is not part of the language")

    def _constant(self, node: ast.Constant) -> Part:
        value = node.value
        if isinstance(value, str):
            return Part(Kind.TEXT, lambda _: value, self._place(node))
        written = ast.get_source_segment(self._text, node) or ""
        if not _LITERAL.fullmatch(written):
            raise self._refused(node, "numbers are written like 1024 or 0.25, texts like 'eu'")
        number = Fraction(written)  # of the digits, not of the float that the parser made of them
        return Part(Kind.NUMBER, lambda _: number, self._place(node))

    def _arithmetic(self, node: ast.expr, operation: _Of, operands: Sequence[ast.expr]) -> Part:
        numbers = [self.read(operand).as_number().of for operand in operands]
        return Part(
            Kind.NUMBER, lambda facts: Fraction(operation(*(number(facts) for number in numbers))), self._place(node)
        )

    def _condition(self, node: ast.expr) -> Callable[[Facts], Any]:
        return self.read(node).require(Kind.TRUTH).of

    def _choice(self, node: ast.IfExp) -> Part:
        condition = self._condition(node.test)
        chosen, other = self.read(node.body).as_number().of, self.read(node.orelse).as_number().of
        return Part(Kind.NUMBER, lambda facts: chosen(facts) if condition(facts) else other(facts), self._place(node))

    def _call(self, node: ast.Call, name: str, arguments: Sequence[ast.expr]) -> Part:
        match name, arguments:
            case "has", [ast.Name(wanted) | ast.Subscript(ast.Name("attributes"), ast.Constant(str(wanted)))]:
                return has_attribute(wanted, self._place(node))
            case (("min" | "max"), [_, _, *_]):
                return self._arithmetic(node, _OF_MANY[name], arguments)
            case (("abs" | "floor" | "ceil"), [_]):
                return self._arithmetic(node, _OF_ONE[name], arguments)
            case _:
                raise self._refused(
                    node, "there are has(attribute), min(a, b, ...), max(a, b, ...), abs(a), floor(a), ceil(a)"
                )

    def _comparison(self, node: ast.Compare) -> Part:
        """Read a comparison; a chain like 1 <= size < 5 is each of its pairs."""
        operands = [node.left, *node.comparators]
        pairs = [
            self._compared(operator, left, right)
            for operator, (left, right) in zip(node.ops, pairwise(operands), strict=True)
        ]
        return Part(Kind.TRUTH, lambda facts: all(pair(facts) for pair in pairs), self._place(node))

    def _compared(self, operator: ast.cmpop, left: ast.expr, right: ast.expr) -> Callable[[Facts], Any]:
        if isinstance(operator, ast.In | ast.NotIn):
            return self._member(left, right, wanted=isinstance(operator, ast.In))
        one, other = self.read(left), self.read(right)
        if type(operator) in _ORDER:
            compare, one, other = _ORDER[type(operator)], one.as_number(), other.as_number()
        elif type(operator) in _EQUALITY:
            compare = _EQUALITY[type(operator)]
            numbers = Kind.NUMBER in (one.kind, other.kind)
            one, other = (one.as_number(), other.as_number()) if numbers else (one.as_text(), other.as_text())
        else:
            raise self._refused(right, "comparisons are ==, !=, <, <=, >, >=, in and not in")
        a, b = one.of, other.of
        return lambda facts: compare(a(facts), b(facts))

    def _member(self, left: ast.expr, right: ast.expr, *, wanted: bool) -> Callable[[Facts], Any]:
        if not isinstance(right, ast.Tuple | ast.List) or not all(isinstance(one, ast.Constant) for one in right.elts):
            raise self._refused(right, "after in stands a list of texts or of numbers: ['eu', 'us']")
        listed = [self.read(one) for one in right.elts]
        one = self.read(left)
        numbers = Kind.NUMBER in {one.kind, *(member.kind for member in listed)}
        read = one.as_number().of if numbers else one.as_text().of
        nothing = Facts(quantity=Decimal(0), attributes={})
        values = frozenset((member.as_number() if numbers else member.as_text()).of(nothing) for member in listed)
        return lambda facts: (read(facts) in values) is wanted

    def _place(self, node: ast.expr) -> int:
        return len(self._text.encode()[: node.col_offset].decode()) + 1

    def _refused(self, node: ast.expr, why: str) -> InvalidExpressionError:
        return InvalidExpressionError(f"at character {self._place(node)}: {why}")
