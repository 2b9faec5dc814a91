"""Filters and quantities of meters, written in a small language of their own (docs/guides/meters.md)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shared.domain.metering.exact_quantity import as_quantity
from shared.domain.metering.expression_parts import Facts, InvalidExpressionError, Kind, UnmeasurableError
from shared.domain.metering.expression_reader import read_expression

LIMIT = 10**15  # as for a quantity of the usage contract


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events a meter takes. Raises InvalidExpressionError for a text that is no condition of the language."""

    text: str
    _of: Callable[[Facts], Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        part = read_expression(self.text)
        if part.kind is not Kind.TRUTH:
            raise InvalidExpressionError(f"a filter is a condition, and this is {part.kind.value}")
        object.__setattr__(self, "_of", part.of)

    def takes(self, facts: Facts) -> bool:
        """Say whether an event is measured; raise UnmeasurableError if it cannot be said."""
        return bool(self._of(facts))


@dataclass(frozen=True, slots=True)
class Formula:
    """What a meter measures of an event. Raises InvalidExpressionError for a text that is no number of the language."""

    text: str
    _of: Callable[[Facts], Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        part = read_expression(self.text)
        if part.kind not in (Kind.NUMBER, Kind.ATTRIBUTE):
            raise InvalidExpressionError(f"a quantity is a number, and this is {part.kind.value}")
        object.__setattr__(self, "_of", part.as_number().of)

    def quantity(self, facts: Facts, *, rounded: bool = True) -> Decimal:
        """Return the quantity, rounded only if 18 decimals cannot say it; raise UnmeasurableError if there is none.

        One that must not be `rounded` is none if they cannot.
        """
        exact = Fraction(self._of(facts))
        if not 0 <= exact < LIMIT:
            raise UnmeasurableError("the quantity comes to less than zero, or to 1e15 or more")
        quantity = as_quantity(exact)
        if not rounded and Fraction(quantity) != exact:
            raise UnmeasurableError("it has more than 18 decimals, and money is never rounded here")
        return quantity
