"""How simulated time moves: a day at a time while something arrives or a bill run may be due, else in leaps."""

from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from shared.domain.identifiers import ContractId
from shared.domain.invoicing.billing_calendar import billing_period_at
from shared.domain.master_data.catalog import NO_GRACE, Catalog, Contract, CustomerAccount
from shared.domain.master_data.subjects import accounts_of
from shared.domain.time_period import billing_period_containing

DAY = timedelta(days=1)
# Periods of one day end at most 14 hours apart around the world, and a slice is sealed a day after its end.
DAYS_AROUND_AN_END = 5


def default_until(last_event_of: Mapping[str, datetime], catalog: Catalog, grace: timedelta) -> datetime:
    """Return when the billing period of each subject's last event has ended, been sealed and been billed.

    A period is that of each contract of the customer, a calendar month without one; of a subject nobody knows, in UTC.
    """
    accounts = {subject: account for account in accounts_of(catalog) for subject in account.customer.subjects}
    graces = {contract.contract_id: grace for contract, grace in _drafted_after(catalog)}
    ends = (end for subject, last in last_event_of.items() for end in _ends(accounts.get(subject), last, graces))
    return _midnight(max(ends) + grace) + 2 * DAY


def _ends(
    account: CustomerAccount | None, last: datetime, graces: Mapping[ContractId, timedelta]
) -> Iterator[datetime]:
    zone = account.customer.time_zone if account else ZoneInfo("UTC")
    yield billing_period_containing(last, zone).end
    for contract in account.contracts if account else ():
        if last in contract.active:
            yield billing_period_at(contract, last, zone).end + graces[contract.contract_id]


def anchor_days(catalog: Catalog) -> frozenset[int]:
    """Return the days of a month on which billing periods may start, and so others end."""
    return frozenset({1, *(contract.billing.anchor_day for contract in catalog.contracts)})


def draft_graces(catalog: Catalog) -> frozenset[timedelta]:
    """Return after which whole days from its end on a billing period may be billed."""
    return frozenset({NO_GRACE, *(ceil(grace / DAY) * DAY for _, grace in _drafted_after(catalog))})


def _drafted_after(catalog: Catalog) -> Iterator[tuple[Contract, timedelta]]:
    entities = {entity.legal_entity_id: entity for entity in catalog.legal_entities}
    for contract in catalog.contracts:
        yield contract, contract.drafted_after(entities[contract.legal_entity_id])


def steps(
    *,
    start: datetime,
    until: datetime,
    arrivals: Sequence[datetime],
    anchors: Collection[int],
    graces: Collection[timedelta] = frozenset({NO_GRACE}),
) -> Iterator[datetime]:
    """Yield the ends of the steps, ascending; `arrivals` are sorted. The last one is `until`."""
    now = start
    next_arrival = 0
    while now < until:
        while next_arrival < len(arrivals) and arrivals[next_arrival] <= now:
            next_arrival += 1
        tomorrow = _midnight(now) + DAY
        quiet_until = arrivals[next_arrival] if next_arrival < len(arrivals) else until
        leap = tomorrow
        while leap < min(quiet_until, until) and not _is_after_an_end(leap, anchors, graces):
            leap += DAY
        now = min(max(tomorrow, _midnight(leap)), until)
        yield now


def _is_after_an_end(instant: datetime, anchors: Collection[int], graces: Collection[timedelta]) -> bool:
    days = [instant - grace - number * DAY for grace in graces for number in range(DAYS_AROUND_AN_END)]
    return any(day.day == min(anchor, monthrange(day.year, day.month)[1]) for day in days for anchor in anchors)


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)
