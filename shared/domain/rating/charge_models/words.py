"""Charge models in words: equal prices read alike, and different ones never do."""

from decimal import Decimal

from shared.domain.money import EXACT


def plain(number: Decimal) -> str:
    """Write a number with the digits that count and no others, so that 0.10 and 0.1 are one price."""
    return f"{number.normalize(EXACT):f}"
