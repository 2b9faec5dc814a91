"""What a rating yields: one charge of one service period with its arithmetic, unrounded."""

from dataclasses import dataclass
from decimal import Decimal

from shared.domain.identifiers import ChargeId, MeterCode, ProductId, SubscriptionId
from shared.domain.money import EXACT, exact_sum
from shared.domain.rating.priced_dimensions import line_name
from shared.domain.time_period import Period
from shared.domain.usage.event import Dimensions

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class RatedPart:
    """One step of the arithmetic: quantity x unit_price + flat_amount = amount, unrounded, in currency units.

    What the quantity is of, the label says: units, packages, transactions. Of the charge's own quantity the part takes
    `takes`, or as much as it multiplies where that is None.
    """

    label: str  # "flat", "per unit", "tier 2: above 10000 to 50000"
    quantity: Decimal
    unit_price: Decimal
    flat_amount: Decimal
    amount: Decimal
    takes: Decimal | None = None

    @classmethod
    def of(
        cls,
        label: str,
        *,
        quantity: Decimal,
        unit_price: Decimal = _ZERO,
        flat_amount: Decimal = _ZERO,
        takes: Decimal | None = None,
    ) -> "RatedPart":
        """Work out the amount of a step."""
        amount = EXACT.fma(quantity, unit_price, flat_amount)
        return cls(label, quantity, unit_price, flat_amount, amount, takes)

    @property
    def units(self) -> Decimal:
        """How much of the charge's quantity the part accounts for; over all parts of a charge, the whole of it."""
        return self.quantity if self.takes is None else self.takes


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedCharge:
    """A charge, rated. `meter` is None for a fee, whose quantity are its seats, or one.

    `by_time` is what the usage of each part of the service period adds, where the contract's credits ask for it. A fee
    that sets a billed line right has the line's `tax_category` and its words, whatever the catalogue says by now.
    """

    subscription_id: SubscriptionId
    charge_id: ChargeId
    product_id: ProductId
    description: str
    meter: MeterCode | None
    quantity: Decimal
    price: str  # the charge model in words
    parts: tuple[RatedPart, ...]
    service_period: Period
    priced_by: Dimensions = ()  # the values that the price is for, where it depends on dimensions
    since: str = ""  # the day on which it starts, where a fee has several lines in one billing period
    by_time: tuple[tuple[Period, Decimal], ...] = ()
    tax_category: str = ""  # "" is that of its product

    @property
    def name(self) -> str:
        """The name of its line within a billing period."""
        return line_name(self.subscription_id, self.charge_id, self.priced_by)

    @property
    def line_id(self) -> str:
        """The name of its line among all lines of an invoice."""
        return f"{self.name}/{self.since}" if self.since else self.name

    @property
    def precise_amount(self) -> Decimal:
        """The exact sum of the parts, in currency units."""
        return exact_sum([part.amount for part in self.parts])
