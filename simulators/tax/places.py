"""What is taxed where, from when on: the whole tax law of a simulated engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

EARLIEST = date(1970, 1, 1)
TAXED_BY_PLACE = frozenset({"US", "CA"})
_DECIMALS = {"JPY": 0, "KRW": 0, "KWD": 3}


@dataclass(frozen=True, slots=True)
class PlaceRate:
    """A tax of a country, or of those of its places whose region or postal code begins with `place`."""

    country: str
    name: str
    rate: Decimal
    place: str = ""
    since: date = EARLIEST
    until: date | None = None  # the first day that is out

    def applies(self, *, country: str, region: str, postal_code: str, on: date) -> bool:
        is_there = not self.place or region == self.place or postal_code.startswith(self.place)
        return country == self.country and is_there and self.since <= on and (self.until is None or on < self.until)


def rates_at(rates: Sequence[PlaceRate], *, country: str, region: str, postal_code: str, on: date) -> list[PlaceRate]:
    return [rate for rate in rates if rate.applies(country=country, region=region, postal_code=postal_code, on=on)]


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round to the currency's minor unit, half away from zero."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), ROUND_HALF_UP)


def minor_digits(currency: str) -> int:
    return _DECIMALS.get(currency.upper(), 2)
