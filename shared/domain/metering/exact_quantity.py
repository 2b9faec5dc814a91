"""Quotients as quantities: the one place where a quantity may be rounded."""

from decimal import Decimal
from fractions import Fraction

from shared.domain.money import EXACT

# As many as a quantity of the usage contract may have.
QUANTITY_DECIMALS = 18
_SCALE = 10**QUANTITY_DECIMALS


def as_quantity(exact: Fraction) -> Decimal:
    """Return a fraction as a decimal, exactly if 18 decimals can say it, else rounded there, half away from zero."""
    scaled = abs(exact) * _SCALE
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-whole if exact < 0 else whole).scaleb(-QUANTITY_DECIMALS, EXACT).normalize(EXACT)
