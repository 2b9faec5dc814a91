"""One published exchange rate, and what an amount is worth by it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.domain.money import EXACT, Currency, CurrencyMismatchError, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """1 of `base` is `rate` of `quote`, as its source has published it on a day, with every digit.

    Whichever of the two an amount is in, it converts into the other one.
    """

    base: Currency
    quote: Currency
    rate: Decimal
    published_on: date
    source: str

    def converted(self, money: Money) -> Money:
        """Return an amount of one of the two currencies in the other one, rounded once to its minor unit."""
        into = self.quote if money.currency == self.base else self.base
        return Money(self._worth(money.amount, money.currency), into).rounded()

    def worth_of_one(self, currency: Currency) -> Decimal:
        """Return what 1 of a currency is in the other one: to the last digit, or to 80 where it has no last one."""
        return self._worth(Decimal(1), currency)

    def _worth(self, amount: Decimal, currency: Currency) -> Decimal:
        # A quotient that lies on half a minor unit has few digits, so 80 of them show it exactly.
        if currency == self.base:
            return EXACT.multiply(amount, self.rate)
        if currency == self.quote:
            return EXACT.divide(amount, self.rate)
        raise CurrencyMismatchError(f"{self} says nothing of {currency.code}")

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate:f} {self.quote}, {self.source} of {self.published_on}"
