"""Price adjustments, one file each: what changes the amount of a charge or a contract after its charge model.

They follow in one order, first those of each charge, then those of the contract: usage discount (before the charge
model), percentage discount, fixed discount, minimum, maximum, commitment, credits, credit balance. A new one is a new
file, a member of a union here, and a case where it is applied.
"""

from typing import TypeAlias, assert_never

from shared.domain.identifiers import ProductId
from shared.domain.money import Money
from shared.domain.rating.adjustments.commitment import Commitment
from shared.domain.rating.adjustments.credit_balance import CreditBalance
from shared.domain.rating.adjustments.credits import Credit
from shared.domain.rating.adjustments.fixed_discount import FixedDiscount
from shared.domain.rating.adjustments.maximum import Maximum
from shared.domain.rating.adjustments.minimum import Minimum
from shared.domain.rating.adjustments.percentage_discount import PercentageDiscount
from shared.domain.rating.adjustments.usage_discount import UsageDiscount

ChargeAdjustment: TypeAlias = UsageDiscount | PercentageDiscount | Minimum | Maximum
ContractAdjustment: TypeAlias = (
    PercentageDiscount | FixedDiscount | Minimum | Maximum | Commitment | Credit | CreditBalance
)


def product_of(one: ChargeAdjustment | ContractAdjustment) -> ProductId | None:
    """Return the product that a price adjustment names for lines of its own; None where it has none."""
    return one.product_id if isinstance(one, Minimum | Commitment | Credit | CreditBalance) else None


def amounts_of(one: ChargeAdjustment | ContractAdjustment) -> tuple[Money, ...]:
    """Return the amounts of money that a price adjustment names."""
    match one:
        case Minimum() | Maximum():
            return one.amounts
        case FixedDiscount() | Commitment() | Credit() | CreditBalance():
            return (one.amount,)
        case UsageDiscount() | PercentageDiscount():
            return ()
        case _ as never:
            assert_never(never)


__all__ = [
    "ChargeAdjustment",
    "Commitment",
    "ContractAdjustment",
    "Credit",
    "CreditBalance",
    "FixedDiscount",
    "Maximum",
    "Minimum",
    "PercentageDiscount",
    "UsageDiscount",
    "amounts_of",
    "product_of",
]
