"""Numbers, days and names as English invoices write them."""

from datetime import date
from decimal import Decimal

from shared.domain.money import EXACT, Money

_LEAST_DECIMALS = 2
_IBAN_GROUP = 4
_NO_PLURAL_BY_S = frozenset("shxyz")


def money(amount: Money) -> str:
    """Write a rounded amount without its currency, which the document names: 1,234.50."""
    return _signed(f"{amount.amount:,f}")


def number(value: Decimal) -> str:
    """Write a number with the digits that count: 12,300 or 80.5."""
    return _signed(f"{value.normalize(EXACT):,f}")


def quantity(value: Decimal, unit: str) -> str:
    """Write how much of a meter's unit: 12,300 requests, 80.5 GB."""
    is_word = unit.isascii() and unit.isalpha() and unit.islower() and unit[-1] not in _NO_PLURAL_BY_S
    return f"{number(value)} {unit}{'s' if is_word and abs(value) != 1 else ''}".strip()


def unrounded(value: Decimal) -> str:
    """Write a price or a step of the arithmetic: every digit that counts, and at least two decimals."""
    exponent = value.normalize(EXACT).as_tuple().exponent
    decimals = max(_LEAST_DECIMALS, -exponent if isinstance(exponent, int) else 0)
    return _signed(f"{value:,.{decimals}f}")


def percent(rate: Decimal) -> str:
    return f"{number(EXACT.scaleb(rate, 2))} %"


def day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


def days(first: date, last: date) -> str:
    """Write a period by its first and last day: 1 to 31 October 2026."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day(last)}"
    if first.year == last.year:
        return f"{first.day} {first:%B} to {day(last)}"
    return f"{day(first)} to {day(last)}"


def account(text: str) -> str:
    """Write an IBAN in groups of four, and any other account number as it is."""
    if not text[:2].isalpha():
        return text
    return " ".join(text[i : i + _IBAN_GROUP] for i in range(0, len(text), _IBAN_GROUP))


def _signed(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
