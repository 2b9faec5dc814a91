"""Which price holds for a charge of a subscription: the contract's own before the price book's."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.domain.master_data.catalog import Charge, Contract, Price, Subscription
from shared.domain.master_data.effective_day import effective_instant
from shared.domain.usage.event import Dimensions


def price_in_force(
    contract: Contract,
    subscription: Subscription,
    charge: Charge,
    instant: datetime,
    *,
    zone: ZoneInfo,
    priced_by: Dimensions = (),
) -> Price | None:
    """Return the price on the local day of an instant, for usage with these values of the dimensions.

    Among those of the contract, and after them among those of the price book, one for these values comes before the one
    for all others, and a later phase before an earlier one.
    """
    concerning = (one.price for one in contract.prices if one.concerns(subscription.subscription_id, charge.charge_id))
    agreed = [one for one in concerning if instant in one.valid]
    day = effective_instant(instant, zone)
    in_book = [one for one in charge.prices if one.currency == contract.currency and day in one.valid]
    for prices in (agreed, in_book):
        begun = [(begins, one) for one in prices if (begins := _begins(one, contract, subscription, zone)) <= instant]
        for match in dict.fromkeys((priced_by, ())):
            found = _latest((begins, one) for begins, one in begun if one.match == match)
            if found is not None:
                return found
    return None


def _begins(price: Price, contract: Contract, subscription: Subscription, zone: ZoneInfo) -> datetime:
    return price.begins(contract, subscription, zone) or contract.active.start


def _latest(prices: Iterable[tuple[datetime, Price]]) -> Price | None:
    """Return the one that began last; of two that began together, the one after more time."""
    return max(prices, key=lambda one: (one[0], one[1].phase.after if one[1].phase else 0), default=(None, None))[1]
