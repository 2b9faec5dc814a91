"""Why a sale is taxed at its rate: the categories that EN 16931 knows, as far as services need them (BT-151)."""

from decimal import Decimal
from enum import StrEnum


class VatCategory(StrEnum):
    STANDARD = "S"  # any rate above zero
    ZERO_RATED = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    EXPORT = "G"
    OUTSIDE_SCOPE = "O"


def category_of(rate: Decimal, stated: VatCategory | None) -> VatCategory | None:
    """Return the stated category. A rate above zero has but one; zero has many reasons, and none is guessed."""
    if stated is None and rate > 0:
        return VatCategory.STANDARD
    return stated
