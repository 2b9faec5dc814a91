"""Levels on invoices: what was reported once is billed month after month, until it changes."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceState
from shared.domain.metering.aggregate import AggregateState, LatestState, LevelsState, WindowKey, WindowUsage
from shared.domain.metering.levels import Level
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.rating.charge_models import PerUnit
from shared.domain.time_period import BillingPeriod, billing_periods_from
from tests.builders.billing import (
    ACME,
    API_CALLS,
    BERLIN,
    MID_OCTOBER,
    OCTOBER,
    catalog,
    contract,
    plan,
    price,
    usage_charge,
)
from tests.fakes.billing_world import BillingWorld

MONTHS = [month for month, _ in zip(billing_periods_from(OCTOBER.start, BERLIN), range(12), strict=False)]
NOVEMBER, DECEMBER, JANUARY = MONTHS[1:4]
TEN_EUROS_A_SEAT = usage_charge(price(PerUnit(Decimal(10))), charge_id="seats")


class Months(BillingWorld):
    """Acme's contract, month after month; it pays for seats, or for storage."""

    def __init__(self, *windows: WindowUsage, aggregation: Aggregation = Aggregation.LATEST) -> None:
        super().__init__(*windows)
        meter = Meter(code=API_CALLS, name="Seats", unit="seat", aggregation=aggregation)
        terms = catalog(plans=(plan(TEN_EUROS_A_SEAT),))
        self.publish(replace(terms, meters=(meter,)))

    def bill(self, month: BillingPeriod) -> Invoice:
        self.account = BillingAccount(
            customer_id=ACME.customer_id, contract_id=contract().contract_id, billing_period=month
        )
        self.usage.sealed = month.end
        self.run((month.end + timedelta(days=2)).replace(hour=6))
        return self.invoice


def seats(count: int, *, at: datetime = MID_OCTOBER) -> WindowUsage:
    return _window(LatestState(at, "crm", f"seats-{at:%d-%H}", Decimal(count)), at)


def storage(amount: int, *, at: datetime) -> WindowUsage:
    return _window(LevelsState((Level(at, "disks", f"disk-{at:%d-%H}", Decimal(amount)),)), at)


def _window(state: AggregateState, at: datetime) -> WindowUsage:
    key = WindowKey(customer_id=ACME.customer_id, meter=API_CALLS, window_start=at, dimensions=())
    return WindowUsage(key=key, events=1, state=state)


def own(invoice: Invoice) -> list[Decimal]:
    return [line.quantity for line in invoice.lines if line.adjusts is None]


def adjusted(invoice: Invoice) -> dict[str, Decimal]:
    return {_name(line): line.quantity for line in invoice.lines if line.adjusts is not None}


def _name(line: InvoiceLine) -> str:
    return line.line_id.partition("@")[2]


def test_seats_are_billed_month_after_month_until_they_change() -> None:
    months = Months(seats(5), seats(3, at=DECEMBER.start), seats(0, at=JANUARY.start))

    billed = [own(months.bill(month)) for month in (OCTOBER, NOVEMBER, DECEMBER)]

    assert billed == [[Decimal(5)], [Decimal(5)], [Decimal(3)]]
    assert months.bill(JANUARY).state is InvoiceState.NOTHING_TO_BILL


def test_an_invoice_keeps_the_levels_that_it_opened_with() -> None:
    months = Months(seats(5))

    october, november = months.bill(OCTOBER), months.bill(NOVEMBER)

    assert october.manifest.opening == ()
    assert [one.level.value for one in november.manifest.opening] == [Decimal(5)]
    assert november.manifest.digest != october.manifest.digest


def test_seats_reported_long_ago_are_still_billed() -> None:
    months = Months(seats(5))

    assert [own(months.bill(month)) for month in MONTHS] == [[Decimal(5)]] * 12


def test_a_level_that_comes_late_changes_every_month_up_to_the_next_level() -> None:
    months = Months(seats(5), seats(3, at=DECEMBER.start))
    for month in (OCTOBER, NOVEMBER, DECEMBER):
        months.bill(month)

    months.usage.come_late(seats(8, at=MID_OCTOBER + timedelta(hours=1)))
    january = months.bill(JANUARY)

    assert adjusted(january) == {"2026-10": Decimal(3), "2026-11": Decimal(3)}
    assert own(january) == [Decimal(3)]
    assert adjusted(months.bill(MONTHS[4])) == {}


def test_a_level_that_came_late_is_still_billed_when_its_own_month_is_not_adjusted_any_more() -> None:
    months = Months(seats(5))
    months.bill(OCTOBER)
    months.bill(NOVEMBER)
    months.usage.come_late(seats(8, at=MID_OCTOBER + timedelta(hours=1)))

    later = [months.bill(month) for month in MONTHS[2:]]

    assert adjusted(later[0]) == {"2026-10": Decimal(3), "2026-11": Decimal(3)}
    assert [adjusted(invoice) for invoice in later[1:]] == [{}] * 9
    assert [own(invoice) for invoice in later] == [[Decimal(8)]] * 10


def test_a_level_that_comes_late_and_was_overtaken_changes_nothing() -> None:
    months = Months(seats(5))
    months.bill(OCTOBER)

    months.usage.come_late(seats(8, at=MID_OCTOBER - timedelta(hours=1)))

    assert adjusted(months.bill(NOVEMBER)) == {}


def test_storage_counts_by_the_time_that_it_was_held_and_carries_on() -> None:
    """October has 745 hours in Berlin: 745 GB more for its last hour are one GB more in its average."""
    months = Months(
        storage(20, at=OCTOBER.start),
        storage(765, at=OCTOBER.end - timedelta(hours=1)),
        storage(20, at=NOVEMBER.start),
        aggregation=Aggregation.WEIGHTED_SUM,
    )

    assert own(months.bill(OCTOBER)) == [Decimal(21)]
    assert own(months.bill(NOVEMBER)) == [Decimal(20)]
    assert own(months.bill(DECEMBER)) == [Decimal(20)]


def test_storage_that_is_told_late_is_adjusted_in_each_month_that_it_was_held_in() -> None:
    months = Months(storage(20, at=OCTOBER.start), aggregation=Aggregation.WEIGHTED_SUM)
    for month in (OCTOBER, NOVEMBER):
        months.bill(month)

    months.usage.come_late(storage(765, at=OCTOBER.end - timedelta(hours=1)), storage(15, at=NOVEMBER.start))
    december = months.bill(DECEMBER)

    assert adjusted(december) == {"2026-10": Decimal(1), "2026-11": Decimal(-5)}
    assert own(december) == [Decimal(15)]


def test_months_that_are_billed_at_once_bill_what_they_would_in_turn() -> None:
    in_turn, at_once = (Months(seats(5), seats(3, at=DECEMBER.start)) for _ in range(2))
    expected = [own(in_turn.bill(month)) for month in (OCTOBER, NOVEMBER, DECEMBER)]
    at_once.usage.sealed = DECEMBER.end

    assert [own(at_once.bill(month)) for month in (DECEMBER, NOVEMBER, OCTOBER)] == expected[::-1]
