"""Proration: the share of a billing period for which something was active, as an exact fraction.

By days, local days are counted: from the day on which the part starts, up to the day on which it ends, which is out. So
the day of a change belongs to what comes after it, whatever the hour; parts add up to the whole wherever it is cut, and
what starts and ends on one day is no day at all. By seconds, elapsed time is counted: a month in which clocks go
forward is an hour shorter. The denominator is the whole billing period of the calendar, also where a contract starts
or ends within it.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from shared.domain.money import EXACT
from shared.domain.time_period import Period

_MICROSECOND = timedelta(microseconds=1)
_LAST_DIGIT = Decimal(1).scaleb(-45)  # amounts have up to 36: of a quantity and of a price 18 each


class Proration(StrEnum):
    """How a fee is charged for a part of a billing period; NONE charges it for whole periods only."""

    NONE = "none"
    DAYS = "days"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`, in local days or in elapsed seconds, not reduced: so it reads as it was counted."""

    part: Decimal
    whole: Decimal
    unit: str

    def __post_init__(self) -> None:
        if not 0 <= self.part <= self.whole or not self.whole:
            raise ValueError(f"a share lies within its whole: {self}")

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.part) / Fraction(self.whole)

    def of(self, amount: Decimal) -> Decimal:
        """Return this share of an amount, to 45 decimals.

        It is multiplied first and divided once, so that a half cent stays one; and a sum of shares is exact.
        """
        exact = EXACT.divide(EXACT.multiply(amount, self.part), self.whole)
        return exact.quantize(_LAST_DIGIT, ROUND_HALF_UP, EXACT).normalize(EXACT)

    def __str__(self) -> str:
        return f"{self.part:f} of {self.whole:f} {self.unit}"


def share_of(part: Period, whole: Period, proration: Proration, zone: ZoneInfo) -> Share | None:
    """Return the share of a billing period that a part of it is; None for all of it.

    Raises ValueError when the part reaches beyond the whole, or when nothing but whole periods is charged.
    """
    assert whole.end is not None, "a billing period ends"
    if not whole.covers(part) or proration is Proration.NONE:
        raise ValueError(f"no share by {proration} of {part} in {whole}")
    if part == whole:
        return None
    counted = _local_days if proration is Proration.DAYS else _seconds
    return Share(counted(part, zone), counted(whole, zone), proration.value)


def _local_days(period: Period, zone: ZoneInfo) -> Decimal:
    assert period.end is not None, "a part of a billing period ends"
    days = period.end.astimezone(zone).date() - period.start.astimezone(zone).date()
    return Decimal(days.days)


def _seconds(period: Period, _zone: ZoneInfo) -> Decimal:
    assert period.end is not None, "a part of a billing period ends"
    return Decimal((period.end - period.start) // _MICROSECOND).scaleb(-6).normalize(EXACT)
