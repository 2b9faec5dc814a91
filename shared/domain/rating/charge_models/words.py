"""Charge models in words: equal prices read alike, and different ones never do."""

from decimal import Decimal

from shared.domain.money import EXACT


def plain(number: Decimal) -> str:
    """Write a number with the digits that count and no others, so that 0.10 and 0.1 are one price."""
    return f"{number.normalize(EXACT):f}"


def percent(rate: Decimal) -> str:
    """Write a fraction as a percentage: 0.02 is "2 %"."""
    return f"{plain(rate.scaleb(2, EXACT))} %"


def reach(up_to: Decimal | None) -> str:
    """Say which units a tier takes, after the tier before it."""
    return "above" if up_to is None else f"to {plain(up_to)}"


def without_usage(*, first_is_due: bool) -> str:
    """Say when the first tier is not due without usage; that it is goes without saying."""
    return "" if first_is_due else "; nothing without usage"
