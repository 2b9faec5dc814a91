"""How simulated time moves: a day at a time while something arrives or a bill run may be due, else in leaps."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.master_data.customer import Customer
from shared.domain.time_period import billing_period_containing

DAY = timedelta(days=1)
# Months end at most 14 hours apart around the world, and a slice is sealed a day after its end.
DAYS_AROUND_A_MONTH_END = 5


def default_until(last_event_of: Mapping[str, datetime], customers: Sequence[Customer], grace: timedelta) -> datetime:
    """Return when the billing period of each subject's last event has ended, been sealed and been billed.

    A period is a calendar month in the customer's own zone; of a subject nobody knows, in UTC.
    """
    zones = {subject: customer.time_zone for customer in customers for subject in customer.subjects}
    ends = (
        billing_period_containing(last, zones.get(subject, ZoneInfo("UTC"))).end
        for subject, last in last_event_of.items()
    )
    return _midnight(max(ends) + grace) + 2 * DAY


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
