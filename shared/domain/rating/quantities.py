"""Quantities at a charge's own grain: the states of all its windows merged, then read once."""

from collections.abc import Iterable
from decimal import Decimal
from functools import reduce

from shared.domain.master_data.catalog import Charge
from shared.domain.metering.aggregate import WindowKey, WindowUsage, merge, quantity_of
from shared.domain.time_period import Period
from shared.domain.usage.event import Dimensions


def is_charged_by(key: WindowKey, charge: Charge, service_period: Period) -> bool:
    """Whether a charge of a subscription that was active in the service period takes the window's usage."""
    return key.meter == charge.meter and key.window_start in service_period and _matches(key.dimensions, charge.match)


def charged_quantity(windows: Iterable[WindowUsage], charge: Charge, service_period: Period) -> Decimal | None:
    """Return what the charge bills for the service period, in the meter's unit; None without any usage.

    States are merged before they become a number: a user seen in two windows is one unique user, not two.
    """
    states = [window.state for window in windows if is_charged_by(window.key, charge, service_period)]
    return quantity_of(reduce(merge, states)) if states else None


def _matches(dimensions: Dimensions, match: Dimensions) -> bool:
    values = dict(dimensions)
    return all(values.get(name) == value for name, value in match)
