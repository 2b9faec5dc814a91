"""Which price holds for a charge of a subscription: the contract's own before the price book's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from shared.domain.master_data.catalog import Charge, Plan, Price
from shared.domain.master_data.effective_day import effective_instant
from shared.domain.money import Currency
from shared.domain.rating.subscribed import Subscribed
from shared.domain.time_period import Period
from shared.domain.usage.event import Dimensions

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPrices:
    """What the price book has for a charge on the first and on the last local day of a service period.

    `throughout` is the price of all of it for every contract without prices of its own; None where the subscription
    or the dimensions decide, or where a price may change within the service period.
    """

    on_first_day: tuple[Price, ...]
    on_last_day: tuple[Price, ...]
    throughout: Price | None


@lru_cache(maxsize=2_000)  # many contracts of a bill run have plan, currency, service period and zone in common
def charges_in_book(
    plan: Plan, currency: Currency, service_period: Period, zone: ZoneInfo
) -> tuple[tuple[Charge, BookPrices], ...]:
    """Return the charges of a plan as contracts in a currency have them, for a service period that has an end."""
    first, last = effective_instant(service_period.start, zone), effective_instant(last_instant(service_period), zone)
    return tuple((charge, _book_prices(charge, currency, first, last)) for charge in plan.charges_in(currency))


def _book_prices(charge: Charge, currency: Currency, first: datetime, last: datetime) -> BookPrices:
    prices = [one for one in charge.prices if one.currency == currency]
    on_first_day = tuple(one for one in prices if first in one.valid)
    on_last_day = tuple(one for one in prices if last in one.valid)
    is_alone = len(on_first_day) == 1 and not on_first_day[0].match and on_first_day[0].phase is None
    throughout = on_first_day[0] if is_alone and on_first_day == on_last_day else None
    return BookPrices(on_first_day=on_first_day, on_last_day=on_last_day, throughout=throughout)


def last_instant(service_period: Period) -> datetime:
    assert service_period.end is not None, "a part of a billing period ends"
    return service_period.end - _MICROSECOND


def price_in_force(
    of: Subscribed, charge: Charge, in_book: Sequence[Price], instant: datetime, priced_by: Dimensions
) -> Price | None:
    """Return the price on the local day of an instant, for usage with these values of the dimensions.

    Among those of the contract, and after them among those `in_book` on that day, one for these values comes before the
    one for all others, and a later phase before an earlier one.
    """
    for prices in (_agreed(of, charge, instant), in_book):
        for match in dict.fromkeys((priced_by, ())):
            found = _begun_last([one for one in prices if one.match == match], of, instant)
            if found is not None:
                return found
    return None


def _agreed(of: Subscribed, charge: Charge, instant: datetime) -> Sequence[Price]:
    name = of.subscription.subscription_id
    concerning = (one.price for one in of.contract.prices if one.concerns(name, charge.charge_id))
    return [one for one in concerning if instant in one.valid]


def _begun_last(prices: Sequence[Price], of: Subscribed, instant: datetime) -> Price | None:
    """Return the price that began last; of two that began together, the one after more time."""
    begun = [(begins, one) for one in prices if (begins := _begins(one, of)) <= instant]
    return max(begun, key=lambda one: (one[0], one[1].phase.after if one[1].phase else 0), default=(None, None))[1]


def _begins(price: Price, of: Subscribed) -> datetime:
    return price.begins(of.contract, of.subscription, of.zone) or of.contract.active.start
