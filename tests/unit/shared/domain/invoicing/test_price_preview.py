"""A preview rates as invoices are made: by today's catalogue it comes to what is invoiced, adjustments and all."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from shared.domain.identifiers import AdjustmentId
from shared.domain.invoicing.price_preview import preview
from shared.domain.money import Money
from shared.domain.rating.adjustments import Credit, PercentageDiscount
from shared.domain.rating.charge_models import Flat, PerUnit
from tests.builders.billing import (
    ALWAYS,
    BASE_FEE,
    EUR,
    OCTOBER,
    SINCE_OCTOBER,
    calls,
    catalog,
    contract,
    euros,
    fee,
    plan,
    price,
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
    assert [(line.charge, line.before) for line in previewed.lines] == [("base-fee", None)]


def test_a_month_before_the_contract_has_no_invoice() -> None:
    dearer = catalog(plans=(plan(fee(price(Flat(Decimal(199)))), ONE_EURO),))

    assert preview(catalog(plans=(plan(BASE_FEE, ONE_EURO),)), dearer, [], date(2026, 9, 1)) == ()
