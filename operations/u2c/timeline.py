"""How simulated time moves: a day at a time while something arrives or a bill run may be due, else in leaps."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from shared.domain.master_data.catalog import Customer
from shared.domain.time_period import billing_period_containing

DAY = timedelta(days=1)
# Months end at most 14 hours apart around the world, and a slice is sealed a day after its end.
DAYS_AROUND_A_MONTH_END = 5


def default_until(last_event_at: datetime, customers: Sequence[Customer], grace: timedelta) -> datetime:
    """Return when the billing period of the last event has ended for every customer, been sealed and been billed."""
    ends = [billing_period_containing(last_event_at, customer.time_zone).end for customer in customers]
    sealed = max(ends, default=last_event_at) + grace
    return _midnight(sealed) + 2 * DAY


def steps(*, start: datetime, until: datetime, arrivals: Sequence[datetime]) -> Iterator[datetime]:
    """Yield the ends of the steps, ascending; `arrivals` are sorted. The last one is `until`."""
    now = start
    next_arrival = 0
    while now < until:
        while next_arrival < len(arrivals) and arrivals[next_arrival] <= now:
            next_arrival += 1
        tomorrow = _midnight(now) + DAY
        quiet_until = arrivals[next_arrival] if next_arrival < len(arrivals) else until
        leap = tomorrow
        while leap < min(quiet_until, until) and leap.day > DAYS_AROUND_A_MONTH_END:
            leap += DAY
        now = min(max(tomorrow, _midnight(leap)), until)
        yield now


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)
