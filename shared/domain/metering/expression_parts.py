"""What expressions are made of: parts that know what they come to, a number always an exact fraction."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, NamedTuple

_NUMBER = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?")


class InvalidExpressionError(ValueError):
    """The text is not of the language; says what is wrong, and at which character of it."""


class UnmeasurableError(ValueError):
    """The expression has no value for this event. The message names attributes, never what they hold."""


class Facts(NamedTuple):
    """What an expression may ask of an event: its quantity, and its attributes by name."""

    quantity: Decimal
    attributes: Mapping[str, str]


class Kind(Enum):
    NUMBER = "a number"
    TEXT = "text"
    TRUTH = "a condition"
    ATTRIBUTE = "an attribute"  # text that may be read as a number


class Part(NamedTuple):
    """A piece of an expression: what it comes to, how, and where in the text it starts."""

    kind: Kind
    of: Callable[[Facts], Any]
    at: int

    def as_number(self) -> "Part":
        """Return the part as a number, an attribute by reading its text; raise InvalidExpressionError otherwise."""
        if self.kind is Kind.ATTRIBUTE:
            return Part(Kind.NUMBER, _number_of(self.of, self.at), self.at)
        return self.require(Kind.NUMBER)

    def as_text(self) -> "Part":
        return Part(Kind.TEXT, self.of, self.at) if self.kind is Kind.ATTRIBUTE else self.require(Kind.TEXT)

    def require(self, kind: Kind) -> "Part":
        if self.kind is not kind:
            raise InvalidExpressionError(
                f"at character {self.at}: {kind.value} is needed, and this is {self.kind.value}"
            )
        return self


def attribute(name: str, at: int) -> Part:
    def read(facts: Facts) -> str:
        try:
            return facts.attributes[name]
        except KeyError:
            raise UnmeasurableError(f"the event has no attribute {name}") from None

    return Part(Kind.ATTRIBUTE, read, at)


def event_quantity(at: int) -> Part:
    return Part(Kind.NUMBER, lambda facts: Fraction(facts.quantity), at)


def has_attribute(name: str, at: int) -> Part:
    return Part(Kind.TRUTH, lambda facts: name in facts.attributes, at)


def quotient(dividend: Part, divisor: Part, at: int) -> Part:
    over, under = dividend.as_number().of, divisor.as_number().of

    def divide(facts: Facts) -> Fraction:
        by = under(facts)
        if not by:
            raise UnmeasurableError(f"division by zero at character {divisor.at}")
        return Fraction(over(facts) / by)

    return Part(Kind.NUMBER, divide, at)


def _number_of(text: Callable[[Facts], Any], at: int) -> Callable[[Facts], Any]:
    def read(facts: Facts) -> Fraction:
        written = text(facts)
        if not _NUMBER.fullmatch(written):
            raise UnmeasurableError(f"the attribute at character {at} of the expression is no number")
        return Fraction(written)

    return read
