"""One charge of one subscription in one billing period, and the price by which it is rated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shared.domain.identifiers import PlanId
from shared.domain.master_data.catalog import Charge, Contract, Plan, Price
from shared.domain.master_data.effective_day import effective_instant
from shared.domain.rating.adjustments import UsageDiscount
from shared.domain.rating.price_in_force import BookPrices, charges_in_book, last_instant, price_in_force
from shared.domain.rating.priced_dimensions import line_name
from shared.domain.rating.subscribed import Subscribed, subscribed
from shared.domain.subscriptions.fee_terms import Billed
from shared.domain.time_period import Period
from shared.domain.usage.event import Dimensions


@dataclass(frozen=True, slots=True)
class Position:
    """`priced_by` are the values that its price is for, where it depends on dimensions."""

    of: Subscribed
    charge: Charge
    in_book: BookPrices
    priced_by: Dimensions = ()

    @property
    def path(self) -> str:
        return line_name(self.of.subscription.subscription_id, self.charge.charge_id, self.priced_by)

    @property
    def usage_discount(self) -> UsageDiscount | None:
        if not self.charge.adjustments:
            return None
        first_day = effective_instant(self.of.service_period.start, self.of.zone)
        of_usage = (one for one in self.charge.adjustments if isinstance(one, UsageDiscount))
        return next((one for one in of_usage if first_day in one.valid), None)

    @property
    def price(self) -> Price | None:
        """The price in force on the first day of the service period, which rates all of it."""
        if self._throughout is not None:
            return self._throughout
        start = self.of.service_period.start
        return price_in_force(self.of, self.charge, self.in_book.on_first_day, start, self.priced_by)

    def changes_from(self, price: Price) -> bool:
        """Whether another price than that of the first day is in force on the last one."""
        if self._throughout is not None:
            return False
        last = last_instant(self.of.service_period)
        at_the_end = price_in_force(self.of, self.charge, self.in_book.on_last_day, last, self.priced_by)
        return at_the_end is not None and at_the_end != price

    @property
    def _throughout(self) -> Price | None:
        return None if self.of.contract.prices else self.in_book.throughout


def positions(
    contract: Contract, plans: Mapping[PlanId, Plan], billing_period: Period, zone: ZoneInfo
) -> Iterator[Position]:
    """Yield the charges of all subscriptions that are active in a billing period."""
    for of in subscribed(contract, billing_period, zone):
        plan = plans[of.subscription.plan_id]
        for charge, in_book in charges_in_book(plan, contract.currency, of.service_period, zone):
            yield Position(of, charge, in_book)


def fees_ahead(
    contract: Contract, plans: Mapping[PlanId, Plan], ahead: Period | None, zone: ZoneInfo
) -> Iterator[Position]:
    """Yield the fees that are due before their billing period, which is `ahead`."""
    for position in positions(contract, plans, ahead, zone) if ahead else ():
        if position.charge.meter is None and position.charge.fee.billed is Billed.IN_ADVANCE:
            yield position
