"""Subscriptions month after month: fees in advance and in parts, seats, add-ons, and what amendments make of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import PlanId, SubscriptionId
from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.master_data.catalog import Catalog, Charge, Contract, Subscription
from shared.domain.master_data.customer import Dated
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.rating.charge_models import Flat, PerUnit
from shared.domain.subscriptions.amendment import (
    Amendment,
    Cancellation,
    Change,
    Pause,
    QuantityChange,
    Resumption,
    Upgrade,
)
from shared.domain.subscriptions.amendments import Refused, amended
from shared.domain.subscriptions.fee_terms import Billed, FeeTerms
from shared.domain.subscriptions.proration import Proration
from shared.domain.time_period import BillingPeriod, Period, billing_periods_from
from tests.builders.billing import (
    ACME,
    BERLIN,
    GRADUATED_CALLS,
    OCTOBER,
    SINCE_OCTOBER,
    calls,
    catalog,
    contract,
    euros,
    fee,
    plan,
    price,
    subscription,
)
from tests.fakes.billing_world import BillingWorld

MONTHS = [month for month, _ in zip(billing_periods_from(OCTOBER.start, BERLIN), range(6), strict=False)]
NOVEMBER, DECEMBER, JANUARY = MONTHS[1:4]
CALLS_IN_NOVEMBER = calls(900, at=datetime(2026, 11, 5, tzinfo=UTC))
BY_DAYS = FeeTerms(proration=Proration.DAYS)
IN_ADVANCE = FeeTerms(proration=Proration.DAYS, billed=Billed.IN_ADVANCE)


def in_november(day: int) -> datetime:
    return NOVEMBER.start + timedelta(days=day - 1)


def base_fee(amount: int, terms: FeeTerms) -> Charge:
    return replace(fee(price(Flat(Decimal(amount)))), fee=terms)


def seats(terms: FeeTerms) -> Charge:
    return replace(fee(price(PerUnit(Decimal(10)))), fee=replace(terms, seats=True))


def agreed(*changes: tuple[datetime, Change], quantity: int | None = None) -> Contract:
    """Return acme's contract since October, amended."""
    quantities = () if quantity is None else (Dated(Decimal(quantity), SINCE_OCTOBER),)
    amendments = [
        Amendment(subscription_id=SubscriptionId("s-acme"), effective_at=at, change=change) for at, change in changes
    ]
    outcome = amended([replace(subscription(), quantities=quantities)], amendments, contract=SINCE_OCTOBER, zone=BERLIN)
    assert not isinstance(outcome, Refused), outcome
    return replace(contract(*outcome), amendments=tuple(amendments))


class _Months(BillingWorld):
    """Acme's contract, month after month."""

    def bill(self, month: BillingPeriod) -> Invoice:
        self.account = BillingAccount(
            customer_id=ACME.customer_id, contract_id=contract().contract_id, billing_period=month
        )
        self.usage.sealed = month.end
        self.run((month.end + timedelta(days=2)).replace(hour=6))
        return self.invoice


def months(source: Catalog, *windows: WindowUsage) -> _Months:
    world = _Months(*windows)
    world.publish(source)
    return world


def lines(invoice: Invoice) -> list[tuple[str, str]]:
    return [(line.line_id, f"{line.amount.amount}") for line in invoice.lines if line.meter is None]


def test_a_fee_in_advance_is_billed_with_the_invoice_before_its_month() -> None:
    world = months(catalog(plans=(plan(base_fee(99, IN_ADVANCE)),)))

    first = world.bill(OCTOBER)

    # There is no invoice before the first one: so that has October's fee, too.
    assert lines(first) == [("s-acme/base-fee/2026-10-01", "99.00"), ("s-acme/base-fee/2026-11-01", "99.00")]
    assert [line.service_period for line in first.lines] == [OCTOBER.period, NOVEMBER.period]
    assert lines(world.bill(NOVEMBER)) == [("s-acme/base-fee/2026-12-01", "99.00")]
    assert first.state is InvoiceState.POSTED


def test_an_upgrade_credits_what_is_not_used_and_charges_the_rest_of_the_month() -> None:
    plans = (plan(base_fee(30, IN_ADVANCE)), plan(base_fee(90, IN_ADVANCE), plan_id="scale"))
    world = months(catalog(plans=plans))
    world.bill(OCTOBER)
    world.publish(catalog(plans=plans, contracts=(agreed((in_november(16), Upgrade(PlanId("scale")))),)), "v2")

    second = world.bill(NOVEMBER)

    assert lines(second) == [
        ("s-acme/base-fee/2026-11-01", "-15.00"),  # 15 of 30 days are left of 30.00
        ("s-acme@2026-11-16/base-fee/2026-11-16", "45.00"),  # 15 of 30 days of 90.00
        ("s-acme@2026-11-16/base-fee/2026-12-01", "90.00"),
    ]
    credit = second.lines[0]
    assert credit.service_period == Period(in_november(16), NOVEMBER.end)
    assert [part.label for part in credit.parts] == [
        "15.00 EUR (flat: 30 for 15 of 30 days) less 30.00 EUR billed in advance"
    ]
    assert second.state is InvoiceState.POSTED


def test_seats_that_come_within_the_month_are_charged_from_their_day_on() -> None:
    plans = (plan(seats(IN_ADVANCE)),)
    world = months(catalog(plans=plans, contracts=(agreed(quantity=5),)))
    world.bill(OCTOBER)
    more = agreed((in_november(16), QuantityChange(Decimal(8))), quantity=5)
    world.publish(catalog(plans=plans, contracts=(more,)), "v2")

    assert lines(world.bill(NOVEMBER)) == [
        ("s-acme/base-fee/2026-11-01", "-25.00"),
        ("s-acme/base-fee/2026-11-16", "40.00"),
        ("s-acme/base-fee/2026-12-01", "80.00"),
    ]


def test_a_pause_credits_its_days() -> None:
    plans = (plan(base_fee(30, IN_ADVANCE)),)
    world = months(catalog(plans=plans))
    world.bill(OCTOBER)
    paused = agreed((in_november(11), Pause()), (in_november(21), Resumption()))
    world.publish(catalog(plans=plans, contracts=(paused,)), "v2")

    assert lines(world.bill(NOVEMBER)) == [
        ("s-acme/base-fee/2026-11-01", "-20.00"),
        ("s-acme/base-fee/2026-11-21", "10.00"),
        ("s-acme/base-fee/2026-12-01", "30.00"),
    ]


def test_a_cancellation_credits_what_is_left_on_the_invoice_of_its_month() -> None:
    plans = (plan(base_fee(30, IN_ADVANCE), GRADUATED_CALLS),)
    world = months(catalog(plans=plans), CALLS_IN_NOVEMBER)
    world.bill(OCTOBER)
    world.publish(catalog(plans=plans, contracts=(agreed((in_november(21), Cancellation())),)), "v2")

    second = world.bill(NOVEMBER)

    assert lines(second) == [("s-acme/base-fee/2026-11-01", "-10.00")]
    assert second.net == euros("40.00")  # 100 x 0.10 + 800 x 0.05 of usage, less the credit


def test_a_credit_that_leaves_less_than_nothing_stops_the_invoice_and_says_what_it_needs() -> None:
    plans = (plan(base_fee(30, IN_ADVANCE)),)
    world = months(catalog(plans=plans))
    world.bill(OCTOBER)
    world.publish(catalog(plans=plans, contracts=(agreed((in_november(21), Cancellation())),)), "v2")

    second = world.bill(NOVEMBER)

    assert second.state is InvoiceState.INVALID
    assert "needs a credit note" in "; ".join(issue.message for issue in second.issues)
    assert ExceptionCode.INVOICE_INVALID in {one.code for one in world.exceptions.open.values()}


def test_what_was_billed_in_advance_is_not_billed_again_when_the_plan_bills_in_arrears_from_then_on() -> None:
    world = months(catalog(plans=(plan(base_fee(30, IN_ADVANCE)),)))
    world.bill(OCTOBER)
    world.publish(catalog(plans=(plan(base_fee(30, BY_DAYS)),)), "v2")

    assert lines(world.bill(NOVEMBER)) == []
    assert lines(world.bill(DECEMBER)) == [("s-acme/base-fee", "30.00")]


def test_a_month_waits_for_what_the_one_before_bills_in_advance() -> None:
    world = months(catalog(plans=(plan(base_fee(30, IN_ADVANCE)),)))

    waiting = world.bill(NOVEMBER)

    assert waiting.state is InvoiceState.INVALID
    assert "c-acme/2026-10 is not billed yet" in "; ".join(issue.message for issue in waiting.issues)


@pytest.mark.parametrize("terms", [BY_DAYS, IN_ADVANCE])
def test_all_invoices_of_a_month_come_to_its_final_fee_whatever_changed_and_whenever_it_became_known(
    terms: FeeTerms,
) -> None:
    plans = (plan(seats(terms)),)
    world = months(catalog(plans=plans, contracts=(agreed(quantity=5),)))
    world.bill(OCTOBER)
    more = agreed(
        (in_november(7), QuantityChange(Decimal(8))), (in_november(19), QuantityChange(Decimal(6))), quantity=5
    )
    world.publish(catalog(plans=plans, contracts=(more,)), "v2")

    invoices = [world.bill(month) for month in (OCTOBER, NOVEMBER, DECEMBER)]

    november = [
        line.amount.amount
        for invoice in invoices
        for line in invoice.lines
        if line.meter is None and line.service_period.start in NOVEMBER.period
    ]
    assert sum(november) == Decimal("66.00")  # 10 x (5 x 6 + 8 x 12 + 6 x 12) / 30


def test_an_add_on_is_a_subscription_of_its_own_beside_the_main_one() -> None:
    plans = (plan(base_fee(99, BY_DAYS)), plan(base_fee(31, BY_DAYS), plan_id="backup"))
    add_on: Subscription = subscription(
        name="s-acme-backup", plan_id="backup", active=Period(OCTOBER.start + timedelta(days=14), None)
    )
    world = months(catalog(plans=plans, contracts=(contract(subscription(), add_on),)))

    assert lines(world.bill(OCTOBER)) == [("s-acme/base-fee", "99.00"), ("s-acme-backup/base-fee", "17.00")]


def test_an_amendment_that_becomes_known_after_the_invoice_is_told_on_the_next_one() -> None:
    plans = (plan(base_fee(31, BY_DAYS)), plan(base_fee(62, BY_DAYS), plan_id="scale"))
    world = months(catalog(plans=plans))
    world.bill(OCTOBER)
    upgraded = agreed((OCTOBER.start + timedelta(days=14), Upgrade(PlanId("scale"))))
    world.publish(catalog(plans=plans, contracts=(upgraded,)), "v2")

    second = world.bill(NOVEMBER)

    assert lines(second) == [("s-acme@2026-10-15/base-fee", "62.00")]
    assert [(issue.code, issue.path, issue.message) for issue in second.issues] == [
        (
            "FEE_CHANGED_SINCE_BILLED",
            "s-acme/base-fee",
            "2026-10: 31.00 EUR is billed, and by what is agreed now it comes to 14.00 EUR",
        ),
        (
            "FEE_CHANGED_SINCE_BILLED",
            "s-acme@2026-10-15/base-fee",
            "2026-10: 0.00 EUR is billed, and by what is agreed now it comes to 34.00 EUR",
        ),
    ]


def test_an_amendment_that_was_known_in_time_is_not_told_again() -> None:
    plans = (plan(base_fee(31, IN_ADVANCE)), plan(base_fee(62, IN_ADVANCE), plan_id="scale"))
    upgraded = agreed((in_november(16), Upgrade(PlanId("scale"))))
    world = months(catalog(plans=plans))
    world.bill(OCTOBER)
    world.publish(catalog(plans=plans, contracts=(upgraded,)), "v2")
    world.bill(NOVEMBER)

    assert world.bill(DECEMBER).issues == ()
