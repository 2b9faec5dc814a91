"""How a charge without a meter is due: before or after its billing period, in parts or not, each period or once."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.subscriptions.proration import Proration


class Billed(StrEnum):
    """With which invoice a fee goes: that of its own billing period, or that of the one before it."""

    IN_ARREARS = "in_arrears"
    IN_ADVANCE = "in_advance"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTerms:
    """`once`: due when the subscription first owes fees, whole, and never again. `seats`: of each of its quantity."""

    billed: Billed = Billed.IN_ARREARS
    proration: Proration = Proration.NONE
    once: bool = False
    seats: bool = False


WHOLE_PERIODS_IN_ARREARS = FeeTerms()
