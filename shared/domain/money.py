"""Money: an exact Decimal amount with its currency, one rounding mode, and splits that lose nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import (
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import cache, reduce

from shared.domain.currencies import MINOR_UNITS

# Enough digits for a quantity of 1e15 with 18 decimals times a price with as many.
EXACT = Context(prec=80, traps=[InvalidOperation, DivisionByZero, Overflow])


def exact_sum(numbers: Iterable[Decimal]) -> Decimal:
    """Add numbers to their last digit; sum() keeps 28, and a quantity times a price has more."""
    return reduce(EXACT.add, numbers, Decimal(0))


class UnknownCurrencyError(ValueError):
    """The code is not an active ISO 4217 currency with a minor unit."""


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies met; nothing here converts."""


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency and its number of decimals (JPY 0, EUR 2, KWD 3, CLF 4)."""

    code: str
    minor_units: int

    @property
    def minor_unit(self) -> Decimal:
        """The smallest amount that can be invoiced, e.g. 0.01."""
        return _with_decimals(1, self.minor_units)

    def __str__(self) -> str:
        return self.code


def currency(code: str) -> Currency:
    """Return the currency of an ISO 4217 code; raise UnknownCurrencyError for any other text."""
    if code not in MINOR_UNITS:
        raise UnknownCurrencyError(f"{code!r} is not an ISO 4217 currency code")
    return Currency(code, MINOR_UNITS[code])


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in currency units (not minor units). Exact until rounded() is called."""

    amount: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        if not self.amount.is_finite():
            raise ValueError(f"money needs a finite amount, not {self.amount}")

    @classmethod
    def zero(cls, of: Currency) -> "Money":
        return cls(_with_decimals(0, of.minor_units), of)

    def __add__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(EXACT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(EXACT.subtract(self.amount, other.amount), self.currency)

    def __neg__(self) -> "Money":
        return Money(EXACT.minus(self.amount), self.currency)

    def __mul__(self, factor: Decimal) -> "Money":
        return Money(EXACT.multiply(self.amount, factor), self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._require_same_currency(other)
        return self.amount < other.amount

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency.code}"

    def rounded(self) -> "Money":
        """Round to the minor unit, half away from zero (ROUND_HALF_UP): the only rounding in this project."""
        return Money(self.amount.quantize(self.currency.minor_unit, ROUND_HALF_UP, EXACT), self.currency)

    def allocate(self, weights: Sequence[Decimal]) -> tuple["Money", ...]:
        """Split a rounded amount by weight, by largest remainder; ties go to the earlier part.

        The parts always sum to the whole. Raises ValueError without a positive weight or for an unrounded amount.
        """
        total_weight = exact_sum(weights)
        if total_weight <= 0 or any(weight < 0 for weight in weights):
            raise ValueError("allocation needs weights of at least zero with a positive sum")
        if self.rounded().amount != self.amount:
            raise ValueError("only a rounded amount can be allocated")
        unit = self.currency.minor_unit
        with localcontext(EXACT):
            shares = [self.amount * weight / total_weight / unit for weight in weights]
            floors = [share.to_integral_value(ROUND_FLOOR) for share in shares]
            left_over = int(self.amount / unit - sum(floors))
            by_remainder = sorted(range(len(shares)), key=lambda i: (floors[i] - shares[i], i))
            for i in by_remainder[:left_over]:
                floors[i] += 1
            return tuple(Money((part * unit).quantize(unit), self.currency) for part in floors)

    def _require_same_currency(self, other: "Money") -> None:
        if self.currency is not other.currency:
            _require_same(self.currency, other.currency)


def total(amounts: Iterable[Money], of: Currency) -> Money:
    """Sum amounts of one currency; zero of that currency when there are none."""
    result = _with_decimals(0, of.minor_units)
    for one in amounts:
        if one.currency is not of:
            _require_same(of, one.currency)
        result = EXACT.add(result, one.amount)
    return Money(result, of)


def _require_same(one: Currency, other: Currency) -> None:
    if one != other:
        raise CurrencyMismatchError(f"{one.code} and {other.code} do not mix")


@cache
def _with_decimals(number: int, decimals: int) -> Decimal:
    return Decimal(number).scaleb(-decimals)
