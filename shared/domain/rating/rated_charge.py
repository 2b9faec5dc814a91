"""What a rating yields: one charge of one service period with its arithmetic, unrounded."""

from dataclasses import dataclass
from decimal import Decimal

from shared.domain.identifiers import ChargeId, MeterCode, ProductId, SubscriptionId
from shared.domain.money import exact_sum
from shared.domain.time_period import Period


@dataclass(frozen=True, slots=True)
class RatedPart:
    """One step of the arithmetic: quantity x unit_price + flat_amount = amount, unrounded, in currency units."""

    label: str  # "flat", "per unit", "tier 2: above 10000 to 50000"
    quantity: Decimal
    unit_price: Decimal
    flat_amount: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedCharge:
    """A charge, rated. `meter` is None for a recurring fee, whose quantity is one."""

    subscription_id: SubscriptionId
    charge_id: ChargeId
    product_id: ProductId
    description: str
    meter: MeterCode | None
    quantity: Decimal
    price: str  # the charge model in words
    parts: tuple[RatedPart, ...]
    service_period: Period

    @property
    def precise_amount(self) -> Decimal:
        """The exact sum of the parts, in currency units."""
        return exact_sum(part.amount for part in self.parts)
