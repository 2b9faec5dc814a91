"""What is voided after its invoice is a credit on the contract's next one, whatever the aggregation."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from shared.adapters.customer_usage import LedgerCustomerUsage
from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.invoicing.invoice import Invoice, InvoiceLine
from shared.domain.metering.meter import Aggregation
from shared.domain.time_period import BillingPeriod, billing_periods_from
from tests.builders.billing import ACME, BERLIN, MID_OCTOBER, OCTOBER, catalog, contract, euros
from tests.builders.corrected_usage import CorrectedWorld, a_catalog, a_meter, amended, call, voided
from tests.builders.metered_usage import LAYOUT
from tests.fakes.billing_world import BillingWorld
from tests.fakes.fixed_customer_usage import FixedCustomerUsage

NOVEMBER, DECEMBER = (month for month, _ in zip(billing_periods_from(OCTOBER.end, BERLIN), range(2), strict=False))


class BilledWorld(BillingWorld):
    """Acme's contract on a ledger of usage as it was sent, corrected and sealed."""

    def __init__(self, aggregation: Aggregation = Aggregation.SUM) -> None:
        super().__init__()
        meter = a_meter("api_calls", aggregation)
        self.publish(replace(catalog(), meters=(meter,)))
        self.road = CorrectedWorld()
        self.road.publish(a_catalog(meters=(meter,)))
        metering = self.road.metering
        ledger = LedgerCustomerUsage(
            snapshots=metering.snapshots, logs=metering.logs, closing=metering.closing, layout=LAYOUT
        )
        self.usage = cast("FixedCustomerUsage", ledger)  # another keeper of the same port

    def bill(self, month: BillingPeriod) -> Invoice:
        as_of = (month.end + timedelta(days=2)).replace(hour=6)
        self.road.metering.close(as_of)
        self.account = BillingAccount(
            customer_id=ACME.customer_id, contract_id=contract().contract_id, billing_period=month
        )
        self.run(as_of)
        return self.invoice

    def correct(self, *corrections: dict[str, Any], arrived_at: datetime) -> None:
        self.road.use(*corrections, arrived_at=arrived_at)
        self.road.apply(arrived_at + timedelta(hours=1))


def of_october(event_id: str, quantity: int, *, minute: int = 0, **data: Any) -> dict[str, Any]:
    return call(event_id, at=MID_OCTOBER + timedelta(minutes=minute), quantity=quantity, **data)


def adjusting(invoice: Invoice) -> list[InvoiceLine]:
    return [line for line in invoice.lines if line.adjusts is not None]


def test_usage_that_is_voided_before_its_invoice_is_not_on_it() -> None:
    world = BilledWorld()
    world.road.use(of_october("e-1", 80), of_october("e-2", 50), arrived_at=MID_OCTOBER)
    world.correct(voided("e-2", at=MID_OCTOBER), arrived_at=MID_OCTOBER + timedelta(days=3))

    invoice = world.bill(OCTOBER)

    assert [line.quantity for line in invoice.lines if line.meter] == [Decimal(80)]


@pytest.mark.parametrize(
    ("aggregation", "before", "after"),
    [
        (Aggregation.SUM, "11.50", "8.00"),
        (Aggregation.COUNT, "0.20", "0.10"),
        (Aggregation.MAX, "8.00", "5.00"),
        (Aggregation.UNIQUE, "0.20", "0.10"),
        (Aggregation.AVERAGE, "6.50", "8.00"),
        (Aggregation.LATEST, "5.00", "8.00"),
    ],
)
def test_usage_that_is_voided_after_its_invoice_is_on_the_next_one(
    aggregation: Aggregation, before: str, after: str
) -> None:
    """80 and then 50 at 0.10 up to 100, at 0.05 above; the invoices of a month sum to its usage rated once."""
    world = BilledWorld(aggregation)
    larger_is_wrong = aggregation is Aggregation.MAX
    usage = [of_october("e-1", 80, unique_key="ann"), of_october("e-2", 50, minute=1, unique_key="ben")]
    world.road.use(*usage, arrived_at=MID_OCTOBER)
    first = world.bill(OCTOBER)
    wrong = voided("e-1", at=MID_OCTOBER) if larger_is_wrong else voided("e-2", at=MID_OCTOBER + timedelta(minutes=1))
    world.correct(wrong, arrived_at=OCTOBER.end + timedelta(days=10))

    second = world.bill(NOVEMBER)

    (line,) = adjusting(second)
    assert [one.amount for one in first.lines if one.meter] == [euros(before)]
    assert line.amount == euros(after) - euros(before)
    assert line.service_period == OCTOBER.period
    assert not adjusting(world.bill(DECEMBER))


@pytest.mark.parametrize("aggregation", [Aggregation.SUM, Aggregation.MAX, Aggregation.UNIQUE])
def test_a_month_of_which_nothing_is_left_is_credited_whole(aggregation: Aggregation) -> None:
    world = BilledWorld(aggregation)
    world.road.use(of_october("e-1", 30), arrived_at=MID_OCTOBER)
    (billed,) = (line.amount for line in world.bill(OCTOBER).lines if line.meter)
    world.correct(voided("e-1", at=MID_OCTOBER), arrived_at=OCTOBER.end + timedelta(days=10))

    second = world.bill(NOVEMBER)

    (line,) = adjusting(second)
    assert line.amount == -billed
    assert second.net == euros("99.00") - billed


def test_an_amendment_after_the_invoice_bills_the_difference() -> None:
    world = BilledWorld()
    world.road.use(of_october("e-1", 80), arrived_at=MID_OCTOBER)
    world.bill(OCTOBER)
    world.correct(
        amended("e-1", "e-1-right", at=MID_OCTOBER, quantity=130), arrived_at=OCTOBER.end + timedelta(days=10)
    )

    (line,) = adjusting(world.bill(NOVEMBER))

    assert (line.quantity, line.amount) == (Decimal(50), euros("3.50"))
