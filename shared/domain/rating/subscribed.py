"""A subscription within one billing period: the time for which anything of it can be due."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shared.domain.master_data.catalog import Contract, Subscription
from shared.domain.time_period import Period


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One subscription of a contract. `service_period` is the part of the billing period in which both are active."""

    contract: Contract
    subscription: Subscription
    billing_period: Period
    service_period: Period
    zone: ZoneInfo  # the customer's, whose calendar the dates of prices follow


def subscribed(contract: Contract, billing_period: Period, zone: ZoneInfo) -> Iterator[Subscribed]:
    """Yield the subscriptions of a contract that are active in a billing period."""
    in_contract = billing_period.intersection(contract.active)
    if in_contract is None:
        return
    for subscription in contract.subscriptions:
        service_period = in_contract.intersection(subscription.active)
        if service_period is not None:
            yield Subscribed(contract, subscription, billing_period, service_period, zone)
