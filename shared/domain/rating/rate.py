"""Rate a quantity by a charge model: exact, unrounded, and with every step of the arithmetic kept."""

from collections.abc import Iterator
from decimal import Decimal
from typing import assert_never

from shared.domain.money import EXACT
from shared.domain.rating.charge_models import ChargeModel, Flat, Graduated, PerUnit, Tier
from shared.domain.rating.rated_charge import RatedPart


class QuantityBeyondTiersError(ValueError):
    """The last tier has an end and the quantity lies above it: a part of it would go unbilled."""


def rate(*, quantity: Decimal, model: ChargeModel) -> tuple[RatedPart, ...]:
    """Return the parts that the quantity's price is made of; their quantities sum to the whole quantity.

    Raises QuantityBeyondTiersError when no tier takes all of it.
    """
    match model:
        case Flat(amount):
            return (_part("flat", quantity=quantity, flat_amount=amount),)
        case PerUnit(unit_price):
            return (_part("per unit", quantity=quantity, unit_price=unit_price),)
        case Graduated(tiers):
            return tuple(_graduated(quantity, tiers))
        case _ as never:
            assert_never(never)


def _graduated(quantity: Decimal, tiers: tuple[Tier, ...]) -> Iterator[RatedPart]:
    lower = Decimal(0)
    for number, tier in enumerate(tiers, start=1):
        is_first = number == 1
        if not is_first and quantity <= lower:
            return
        upper = quantity if tier.up_to is None else min(quantity, tier.up_to)
        yield _part(
            _tier_label(number, lower, tier.up_to),
            quantity=EXACT.subtract(upper, lower),
            unit_price=tier.unit_price,
            flat_amount=tier.flat_amount,
        )
        lower = upper
        if tier.up_to is None:
            return
    if quantity > lower:
        raise QuantityBeyondTiersError(f"no tier takes the units of {quantity:f} above {lower:f}")


def _tier_label(number: int, lower: Decimal, upper: Decimal | None) -> str:
    above = f" above {lower:f}" if lower else ""
    up_to = f" to {upper:f}" if upper is not None else ""
    return f"tier {number}:{above}{up_to}" if above or up_to else f"tier {number}"


def _part(
    label: str, *, quantity: Decimal, unit_price: Decimal = Decimal(0), flat_amount: Decimal = Decimal(0)
) -> RatedPart:
    amount = EXACT.fma(quantity, unit_price, flat_amount)
    return RatedPart(label, quantity, unit_price, flat_amount, amount)
