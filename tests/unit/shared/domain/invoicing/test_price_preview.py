"""A preview rates as invoices are made: by today's catalogue it comes to what is invoiced, adjustments and all."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from shared.domain.identifiers import AdjustmentId, CustomerId
from shared.domain.invoicing.price_preview import LineChange, preview
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.customer import Dated
from shared.domain.metering.aggregate import LatestState
from shared.domain.money import Money
from shared.domain.rating.adjustments import Credit, PercentageDiscount
from shared.domain.rating.charge_models import Flat, PerUnit
from shared.domain.subscriptions.anniversary import CALENDAR_MONTHS, BillingCycle
from shared.domain.subscriptions.fee_terms import Billed, FeeTerms
from shared.domain.time_period import Period
from tests.builders.billing import (
    ACME,
    ALWAYS,
    BASE_FEE,
    EUR,
    MID_OCTOBER,
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
    usage_charge,
)
from tests.fakes.billing_world import BillingWorld

FIRST_OF_OCTOBER, FIRST_OF_NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
ONE_EURO = usage_charge(price(PerUnit(Decimal(1))))


def test_by_todays_catalogue_it_is_the_invoice_to_the_cent() -> None:
    discounted = replace(
        contract(),
        adjustments=(PercentageDiscount(adjustment_id=AdjustmentId("launch"), valid=ALWAYS, percent=Decimal(15)),),
    )
    today = catalog(contracts=(discounted,))
    world = BillingWorld(calls(1234))
    world.publish(today)
    world.run()

    (previewed,) = preview(today, today, [calls(1234)], FIRST_OF_OCTOBER)

    assert previewed.before == previewed.after == world.invoice.net
    assert not previewed.changes


def test_a_credit_is_what_earlier_months_have_left_of_it_by_todays_prices() -> None:
    credit = Credit(adjustment_id=AdjustmentId("grant"), valid=SINCE_OCTOBER, amount=Money(Decimal(100), EUR))
    granted = replace(contract(), adjustments=(credit,))
    today = catalog(contracts=(granted,), plans=(plan(ONE_EURO),))
    proposed = catalog(contracts=(granted,), plans=(plan(usage_charge(price(PerUnit(Decimal(2))))),))
    november = calls(60, at=OCTOBER.end)

    (previewed,) = preview(today, proposed, [calls(80), november], FIRST_OF_NOVEMBER)

    # October took 80 of the credit; of November's 60, by the proposal 120, the rest of 20 is paid.
    assert (previewed.before, previewed.after) == (euros("40"), euros("100"))


def test_a_contract_that_is_only_proposed_is_previewed_from_nothing() -> None:
    (previewed,) = preview(catalog(contracts=()), catalog(), [], FIRST_OF_OCTOBER)

    assert (previewed.before, previewed.after) == (euros("0"), euros("99"))
    assert [(line.charge, line.before, line.price_before) for line in previewed.lines] == [("base-fee", None, "")]


def test_a_month_before_the_contract_has_no_invoice() -> None:
    dearer = catalog(plans=(plan(fee(price(Flat(Decimal(199)))), ONE_EURO),))

    assert preview(catalog(plans=(plan(BASE_FEE, ONE_EURO),)), dearer, [], date(2026, 9, 1)) == ()


def offering(growth: int, small: int, *, by: BillingCycle = CALENDAR_MONTHS, discount: int = 0) -> Catalog:
    """Return two contracts of one fee each, the one of the small plan first."""
    launch = PercentageDiscount(adjustment_id=AdjustmentId("launch"), valid=ALWAYS, percent=Decimal(discount))
    return catalog(
        plans=(
            plan(fee(price(Flat(Decimal(growth)))), ONE_EURO),
            plan(fee(price(Flat(Decimal(small)))), plan_id="small"),
        ),
        contracts=(
            contract(subscription(name="s-small", plan_id="small"), contract_id="c-small"),
            replace(contract(), billing=by, adjustments=(launch,) if discount else ()),
        ),
    )


@pytest.mark.parametrize(
    ("growth", "small", "order"),
    [
        (199, 15, ["c-acme", "c-small"]),
        (100, 15, ["c-small", "c-acme"]),
        (89, 15, ["c-acme", "c-small"]),
        (104, 15, ["c-acme", "c-small"]),
    ],
    ids=["far more", "a little more", "less", "as much"],
)
def test_what_changes_most_comes_first_up_or_down(growth: int, small: int, order: list[str]) -> None:
    previewed = preview(offering(99, 10), offering(growth, small), [], FIRST_OF_OCTOBER)

    assert [one.contract_id for one in previewed] == order


def test_each_line_that_changes_is_told_with_both_prices_and_no_other() -> None:
    (acme, small) = preview(offering(99, 10, discount=10), offering(199, 10, discount=10), [calls(5)], FIRST_OF_OCTOBER)

    assert (acme.customer_id, acme.contract_id, acme.period) == ("acme", "c-acme", "2026-10")
    assert (acme.before, acme.after, acme.difference) == (euros("93.60"), euros("183.60"), euros("90.00"))
    assert acme.lines == (
        LineChange(
            name="s-acme/base-fee",
            charge="base-fee",
            before=euros("99.00"),
            after=euros("199.00"),
            price_before="flat 99",
            price_after="flat 199",
        ),
        LineChange(
            name="s-acme/base-fee+launch",
            charge="launch",
            before=euros("-9.90"),
            after=euros("-19.90"),
            price_before="10 % off",
            price_after="10 % off",
        ),
    )
    assert acme.changes
    assert not small.changes


def test_a_line_that_only_one_of_the_catalogues_has_is_told_with_its_one_price() -> None:
    (acme, _) = preview(offering(99, 10, discount=10), offering(99, 10), [], FIRST_OF_OCTOBER)

    assert acme.lines == (
        LineChange(
            name="s-acme/base-fee+launch",
            charge="launch",
            before=euros("-9.90"),
            after=None,
            price_before="10 % off",
            price_after="",
        ),
    )


def test_a_contract_that_the_proposal_ends_is_previewed_as_nothing() -> None:
    (previewed,) = preview(catalog(), catalog(contracts=()), [], FIRST_OF_OCTOBER)

    assert (previewed.before, previewed.after) == (euros("99"), euros("0"))
    assert [(line.after, line.price_after) for line in previewed.lines] == [(None, "")]


def test_what_would_keep_the_proposed_invoice_waiting_is_told_and_a_warning_is_not() -> None:
    changing = usage_charge(
        price(PerUnit(Decimal(1)), valid=Period(ALWAYS.start, MID_OCTOBER)),
        price(PerUnit(Decimal(2)), valid=Period(MID_OCTOBER, None)),
    )
    in_dollars = fee(price(Flat(Decimal(99)), code="USD"))

    (warned,) = preview(catalog(), catalog(plans=(plan(BASE_FEE, changing),)), [calls(1)], FIRST_OF_OCTOBER)
    (held,) = preview(catalog(), catalog(plans=(plan(in_dollars, ONE_EURO),)), [], FIRST_OF_OCTOBER)

    assert warned.waits == ()
    assert [(issue.code, issue.path) for issue in held.waits] == [("PRICE_MISSING", "s-acme/base-fee")]
    assert held.changes


def test_a_quarter_is_previewed_in_its_last_month() -> None:
    quarterly = offering(99, 10, by=BillingCycle(every_months=3))
    months = [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]

    periods = [
        [one.period for one in preview(quarterly, quarterly, [], month) if one.contract_id == "c-acme"]
        for month in months
    ]

    assert periods == [[], [], ["2026-10-01"], []]


def of_acme(today: Catalog, month: date) -> list[str]:
    return [one.period for one in preview(today, today, [], month) if one.contract_id == "c-acme"]


def test_a_billing_period_is_of_the_month_of_its_last_day() -> None:
    """From the 2nd to the 1st: what starts in October ends in November."""
    second = BillingCycle(anchor_day=2)
    today = offering(99, 10, by=second)
    since_september, since_october = (
        replace(today, contracts=(replace(contract(active=Period(start, None)), billing=second),))
        for start in (datetime(2026, 9, 1, 22, tzinfo=UTC), datetime(2026, 10, 1, 22, tzinfo=UTC))
    )

    assert of_acme(since_september, FIRST_OF_OCTOBER) == ["2026-09-02"]
    assert of_acme(since_october, FIRST_OF_OCTOBER) == []
    assert of_acme(since_october, FIRST_OF_NOVEMBER) == ["2026-10-02"]


def test_a_month_is_one_of_the_customers_calendar() -> None:
    """In New York, October ends at 04:00 UTC of the first of November."""
    today = offering(99, 10)
    in_new_york = replace(today, customers=(replace(ACME, time_zone=ZoneInfo("America/New_York")),))

    assert of_acme(in_new_york, FIRST_OF_OCTOBER) == ["2026-10"]


def test_a_fee_in_advance_is_previewed_in_its_own_billing_period() -> None:
    in_advance = replace(BASE_FEE, fee=FeeTerms(billed=Billed.IN_ADVANCE))
    today = catalog(plans=(plan(in_advance, ONE_EURO),))

    (previewed,) = preview(today, today, [calls(3)], FIRST_OF_OCTOBER)

    assert previewed.after == euros("102")


def test_a_discount_for_the_first_billing_period_is_previewed_in_it_alone() -> None:
    first_only = PercentageDiscount(
        adjustment_id=AdjustmentId("launch"), valid=ALWAYS, percent=Decimal(10), billing_periods=1
    )
    today = catalog(contracts=(replace(contract(), adjustments=(first_only,)),))

    october, november = (preview(today, today, [], month)[0].after for month in (FIRST_OF_OCTOBER, FIRST_OF_NOVEMBER))

    assert (october, november) == (euros("89.10"), euros("99.00"))


def test_usage_counts_for_its_own_customer_in_its_own_month() -> None:
    beta = replace(ACME, customer_id=CustomerId("beta"), name="Beta", known_as=(Dated("beta", ALWAYS),))
    of_beta = replace(contract(contract_id="c-beta"), customer_id=beta.customer_id)
    both = catalog(plans=(plan(ONE_EURO),), contracts=(contract(), of_beta))
    both = replace(both, customers=(*both.customers, beta))
    november = calls(60, at=OCTOBER.end)
    key = replace(november.key, customer_id=beta.customer_id, window_start=OCTOBER.start)
    windows = [november, calls(7), calls(5, at=OCTOBER.start), replace(calls(3), key=key)]

    previewed = preview(both, both, windows, FIRST_OF_OCTOBER)

    assert {one.contract_id: one.after for one in previewed} == {"c-acme": euros("12"), "c-beta": euros("3")}


def test_a_level_that_carried_in_from_an_earlier_month_counts() -> None:
    at = OCTOBER.start - timedelta(days=3)
    seats = replace(calls(1, at=at), state=LatestState(at, "crm", "seats", Decimal(8)))
    today = catalog(plans=(plan(ONE_EURO),))

    (previewed,) = preview(today, today, [seats], FIRST_OF_OCTOBER)

    assert previewed.after == euros("8")
