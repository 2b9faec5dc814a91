"""Contracts billed from any day, every 1, 3 or 12 months: each unit of usage is billed once, in its own period."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise, takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.invoicing.billing_calendar import adjustable_periods, billing_period_at, billing_periods
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.master_data.catalog import Contract
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.subscriptions.anniversary import INTERVALS_IN_MONTHS, BillingCycle
from shared.domain.time_period import BillingPeriod, Period
from tests.builders.billing import (
    ACME,
    BASE_FEE,
    BERLIN,
    GRADUATED_CALLS,
    calls,
    catalog,
    contract,
    plan,
    subscription,
)
from tests.fakes.billing_world import BillingWorld

DAY = timedelta(days=1)
CYCLES = st.builds(
    BillingCycle, anchor_day=st.integers(1, 31), every_months=st.sampled_from(sorted(INTERVALS_IN_MONTHS))
)
STARTS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
MONTHLY_FROM_THE_15TH = BillingCycle(anchor_day=15)
YEARLY = BillingCycle(every_months=12)


@dataclass(frozen=True)
class Used:
    """So many calls, a number of quarters of an hour after the contract began; late: after the invoice."""

    quarters_of_an_hour: int
    count: int
    is_late: bool

    def window(self, since: datetime) -> WindowUsage:
        return calls(self.count, at=since + self.quarters_of_an_hour * timedelta(minutes=15))


USAGE = st.lists(st.builds(Used, st.integers(0, 366 * 96 - 1), st.integers(1, 90), st.booleans()), max_size=25)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)


def agreed(cycle: BillingCycle, since: date, until: date | None = None) -> Contract:
    active = Period(midnight(since), None if until is None else midnight(until))
    return replace(contract(subscription(active=active), active=active), billing=cycle)


class World(BillingWorld):
    """Acme's contract, period after period."""

    def __init__(self, terms: Contract, *, with_fee: bool = False) -> None:
        super().__init__()
        self.terms = terms
        charges = (BASE_FEE, GRADUATED_CALLS) if with_fee else (GRADUATED_CALLS,)
        self.publish(catalog(plans=(plan(*charges),), contracts=(terms,)))

    def bill(self, period: BillingPeriod) -> Invoice:
        self.account = BillingAccount(
            customer_id=ACME.customer_id, contract_id=self.terms.contract_id, billing_period=period
        )
        self.usage.sealed = period.end
        self.run((period.end + 2 * DAY).replace(hour=6))
        return self.invoice


def boundaries(cycle: BillingCycle, since: date) -> Iterator[date]:
    """Tell by looking at one day after the other which ones are boundaries, as a person with a calendar would."""
    day = since.replace(day=1) - 366 * DAY
    while True:
        months = (day.year - since.year) * 12 + day.month - since.month
        is_last = (day + DAY).day == 1
        is_anchor = day.day == cycle.anchor_day or (is_last and day.day < cycle.anchor_day)
        if is_anchor and months % cycle.every_months == 0:
            yield day
        day += DAY


def expected(cycle: BillingCycle, since: date, usage: Sequence[Used]) -> dict[datetime, Decimal]:
    """Return what each billing period comes to: 100 calls at 0.10, the others at 0.05, all of a period together."""
    comes_to: dict[datetime, Decimal] = {}
    for first, following in pairwise(takewhile(lambda day: day < since + 800 * DAY, boundaries(cycle, since))):
        start, end = midnight(first), midnight(following)
        count = sum(one.count for one in usage if start <= one.window(midnight(since)).key.window_start < end)
        amount = min(count, 100) * Decimal("0.10") + max(count - 100, 0) * Decimal("0.05")
        if count:
            comes_to[start] = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return comes_to


@settings(max_examples=30, deadline=None)
@given(cycle=CYCLES, since=STARTS, usage=USAGE)
def test_a_year_of_any_usage_comes_to_what_its_own_periods_come_to(
    cycle: BillingCycle, since: date, usage: list[Used]
) -> None:
    terms = agreed(cycle, since)
    world = World(terms)
    begin = midnight(since)
    world.usage.windows = [one.window(begin) for one in usage if not one.is_late]
    periods = takewhile(lambda one: one.start < begin + 367 * DAY, billing_periods(terms, BERLIN))
    following = [*periods]
    following.append(billing_period_at(terms, following[-1].end, BERLIN))
    billed: dict[datetime, Decimal] = {}
    for period in following:
        invoice = world.bill(period)
        assert invoice.state in {InvoiceState.POSTED, InvoiceState.NOTHING_TO_BILL}
        for line in invoice.lines:
            start = billing_period_at(terms, line.service_period.start, BERLIN).start
            billed[start] = billed.get(start, Decimal(0)) + line.amount.amount
        late = (one.window(begin) for one in usage if one.is_late)
        world.usage.come_late(*(one for one in late if one.key.window_start in period.period))

    assert billed == expected(cycle, since, usage)


@given(cycle=CYCLES, since=STARTS, after=st.integers(0, 800 * 96))
def test_every_window_is_in_exactly_one_billing_period_of_its_contract(
    cycle: BillingCycle, since: date, after: int
) -> None:
    terms = agreed(cycle, since)
    instant = midnight(since) + after * timedelta(minutes=15)

    periods = list(takewhile(lambda one: one.start <= instant + 40 * DAY, billing_periods(terms, BERLIN)))

    assert [one for one in periods if instant in one.period] == [billing_period_at(terms, instant, BERLIN)]
    assert len({one.name for one in periods}) == len(periods)
    assert sorted(one.name for one in periods) == [one.name for one in periods]


@given(cycle=CYCLES, since=STARTS, after=st.integers(0, 800), age=st.integers(0, 124))
def test_an_invoice_looks_back_as_far_as_the_ledger_counts(
    cycle: BillingCycle, since: date, after: int, age: int
) -> None:
    terms = agreed(cycle, since)
    used = midnight(since) + after * DAY
    own, arrived_in = (billing_period_at(terms, at, BERLIN) for at in (used, used + age * DAY))

    assert own == arrived_in or own in adjustable_periods(terms, arrived_in, BERLIN)


@pytest.mark.parametrize(("every_months", "names"), [(1, ["2026-03-15", "2026-04-15"]), (3, ["2026-04-15"])])
def test_a_contract_that_has_ended_is_billed_until_nothing_more_is_accepted(
    every_months: int, names: list[str]
) -> None:
    terms = agreed(BillingCycle(anchor_day=15, every_months=every_months), date(2026, 1, 15), date(2026, 3, 10))

    periods = list(billing_periods(terms, BERLIN))

    assert [one.name for one in periods if one.start >= midnight(date(2026, 3, 10))] == names


def test_a_fee_is_that_of_a_whole_billing_period() -> None:
    world = World(agreed(BillingCycle(anchor_day=15, every_months=3), date(2026, 1, 15)), with_fee=True)
    first = next(billing_periods(world.terms, BERLIN))

    (line,) = world.bill(first).lines

    assert f"{line.amount.amount}" == "99.00"
    assert line.service_period == Period(midnight(date(2026, 1, 15)), midnight(date(2026, 4, 15)))


@pytest.mark.parametrize(("month", "state"), [("10", "posted"), ("11", "invalid"), ("12", "invalid"), ("01", "posted")])
def test_an_invoice_is_held_with_any_month_that_it_has_a_part_of(month: str, state: str) -> None:
    world = World(agreed(MONTHLY_FROM_THE_15TH, date(2026, 11, 15)))
    world.usage.windows = [calls(50, at=midnight(date(2026, 11, 20)))]
    world.holds.place(ACME.customer_id, f"{'2027' if month == '01' else '2026'}-{month}", "USAGE_CONFLICT:x")

    assert world.bill(next(billing_periods(world.terms, BERLIN))).state.value == state


def test_the_months_of_a_due_period_are_verified_the_last_one_as_far_as_it_is_sealed() -> None:
    world = World(agreed(MONTHLY_FROM_THE_15TH, date(2026, 11, 15)))
    world.usage.sealed = midnight(date(2026, 12, 16))

    selection = world.select(datetime(2026, 12, 17, 6, tzinfo=UTC))

    assert selection.periods == (
        BillingPeriod("2026-11", midnight(date(2026, 11, 1)), midnight(date(2026, 12, 1))),
        BillingPeriod("2026-12", midnight(date(2026, 12, 1)), midnight(date(2026, 12, 16))),
    )


def test_the_months_of_a_year_are_verified_as_they_end_though_nothing_is_due() -> None:
    world = World(agreed(YEARLY, date(2026, 1, 1)))
    checked = {}
    for day in (1, 2, 4, 5, 20):
        world.usage.sealed = midnight(date(2026, 5, day))
        selection = world.select(datetime(2026, 5, day + 1, 6, tzinfo=UTC))
        checked[day] = [month.name for month in selection.periods]
        assert selection.batches == ()

    last_three = ["2026-02", "2026-03", "2026-04"]
    assert checked == {1: last_three, 2: last_three, 4: [], 5: [], 20: []}
