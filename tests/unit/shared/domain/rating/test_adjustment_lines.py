"""The lines that discounts, minimums and maximums make: what each takes or adds, where, and how it says so."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.domain.identifiers import ChargeId, ProductId
from shared.domain.money import Money
from shared.domain.rating.adjustments import (
    ChargeAdjustment,
    Commitment,
    ContractAdjustment,
    Credit,
    CreditBalance,
    FixedDiscount,
    Maximum,
    Minimum,
    PercentageDiscount,
    UsageDiscount,
    amounts_of,
    product_of,
)
from shared.domain.rating.adjustments.fixed_discount import fixed_discount
from shared.domain.rating.adjustments.lines import AdjustmentKind, Due, after, charge_line, shares
from shared.domain.rating.adjustments.maximum import maximum
from shared.domain.rating.adjustments.minimum import minimum
from shared.domain.rating.adjustments.percentage_discount import percentage_discount
from shared.domain.rating.adjustments.usage_discount import free_units
from tests.builders.adjustment_lines import (
    CALLS,
    DOLLAR,
    FOR_14_DAYS,
    OF_CALLS,
    OF_CONTRACT,
    PARTNER,
    REFUND,
    STORAGE,
    STORAGE_ONLY,
    amounts,
    due,
    line,
    line_beside,
)
from tests.builders.billing import ALWAYS, OCTOBER, euros


@pytest.mark.parametrize(
    ("units", "percent", "words", "free_of_200"),
    [
        ("100.0", "0", "100 units free", "100"),
        ("0", "25.0", "25 % of the units free", "50"),
        ("500", "0", "500 units free", "200"),
    ],
)
def test_units_are_free_as_far_as_there_are_any(units: str, percent: str, words: str, free_of_200: str) -> None:
    terms = UsageDiscount(adjustment_id=PARTNER, valid=ALWAYS, units=Decimal(units), percent=Decimal(percent))

    assert free_units(terms, Decimal(200)) == Decimal(free_of_200)
    assert free_units(terms, Decimal(-5)) == 0
    assert str(terms) == words


TEN_PERCENT = PercentageDiscount(adjustment_id=PARTNER, valid=ALWAYS, percent=Decimal("10.0"))


def test_a_percentage_discount_takes_its_percentage_off_each_line_and_back_off_a_credit() -> None:
    lines = percentage_discount(TEN_PERCENT, [CALLS, REFUND], OF_CONTRACT)

    assert list(lines) == [
        line(CALLS, AdjustmentKind.PERCENTAGE_DISCOUNT, "-6", ("10 % off", "10 % of 60 EUR")),
        line(REFUND, AdjustmentKind.PERCENTAGE_DISCOUNT, "2.5", ("10 % off", "10 % of -25 EUR")),
    ]


def test_a_percentage_discount_of_a_charge_is_told_from_one_of_the_contract() -> None:
    (of_charge,) = percentage_discount(TEN_PERCENT, [CALLS], OF_CALLS)

    assert of_charge.applied.of_charge


def test_a_percentage_discount_of_some_charges_leaves_the_others_alone() -> None:
    of_storage = replace(TEN_PERCENT, charges=STORAGE_ONLY)

    assert amounts(percentage_discount(of_storage, [CALLS, STORAGE], OF_CONTRACT)) == {"s-acme/storage": "-4.00"}


def test_a_percentage_discount_that_comes_to_no_cent_is_no_line() -> None:
    dues = [due("calls", "api", "0.04"), due("storage", "disk", "0.05")]

    assert amounts(percentage_discount(TEN_PERCENT, dues, OF_CONTRACT)) == {"s-acme/storage": "-0.01"}


COUPON = FixedDiscount(adjustment_id=PARTNER, valid=ALWAYS, amount=euros("14.995"))


def test_a_coupon_is_split_over_the_lines_it_concerns() -> None:
    lines = fixed_discount(COUPON, [CALLS, STORAGE, REFUND], OF_CONTRACT)

    assert list(lines) == [
        line(
            CALLS,
            AdjustmentKind.FIXED_DISCOUNT,
            "-9.00",
            ("15.00 EUR off", "share of 15.00 EUR, as 60 EUR of 100.00 EUR"),
        ),
        line(
            STORAGE,
            AdjustmentKind.FIXED_DISCOUNT,
            "-6.00",
            ("15.00 EUR off", "share of 15.00 EUR, as 40 EUR of 100.00 EUR"),
        ),
    ]


def test_a_coupon_takes_no_more_than_there_is() -> None:
    of_storage = replace(COUPON, amount=euros("150"), charges=STORAGE_ONLY)

    assert amounts(fixed_discount(of_storage, [CALLS, STORAGE], OF_CONTRACT)) == {"s-acme/storage": "-40.00"}
    assert amounts(fixed_discount(COUPON, [REFUND], OF_CONTRACT)) == {}


FLOOR = Minimum(adjustment_id=PARTNER, valid=ALWAYS, amounts=(euros("120.005"),), product_id=ProductId("missing"))


def test_a_minimum_adds_what_is_missing_to_it() -> None:
    lines = minimum(FLOOR, [CALLS, STORAGE], OF_CONTRACT)

    words = ("at least 120.01 EUR", "120.01 EUR less 100.00 EUR")
    assert list(lines) == [line_beside(OF_CONTRACT, AdjustmentKind.MINIMUM, "20.01", words)]


def test_a_minimum_of_a_charge_goes_with_the_charge() -> None:
    lines = minimum(FLOOR, [CALLS], OF_CALLS)

    words = ("at least 120.01 EUR", "120.01 EUR less 60.00 EUR")
    assert list(lines) == [line_beside(OF_CALLS, AdjustmentKind.MINIMUM, "60.01", words)]


def test_a_minimum_is_its_share_of_a_part_of_the_month() -> None:
    lines = minimum(replace(FLOOR, charges=STORAGE_ONLY), [CALLS, STORAGE], FOR_14_DAYS)

    words = ("at least 120.01 EUR", "54.20 EUR for 14 of 31 days less 40.00 EUR")  # 120.005 x 14/31 = 54.196
    assert list(lines) == [line_beside(FOR_14_DAYS, AdjustmentKind.MINIMUM, "14.20", words)]


def test_a_minimum_that_is_reached_adds_nothing_nor_does_one_in_another_currency() -> None:
    dollars = replace(OF_CONTRACT, currency=DOLLAR)

    assert list(minimum(replace(FLOOR, amounts=(euros("100"),)), [CALLS, STORAGE], OF_CONTRACT)) == []
    assert list(minimum(FLOOR, [], dollars)) == []


CAP = Maximum(adjustment_id=PARTNER, valid=ALWAYS, amounts=(euros("80"),))


def test_a_maximum_takes_off_what_lies_above_it() -> None:
    words = ("at most 80.00 EUR", "share of 100.00 EUR less 80.00 EUR")

    assert list(maximum(CAP, [CALLS, STORAGE], OF_CONTRACT)) == [
        line(CALLS, AdjustmentKind.MAXIMUM, "-12.00", words),
        line(STORAGE, AdjustmentKind.MAXIMUM, "-8.00", words),
    ]


def test_a_maximum_of_a_charge_is_its_share_of_a_part_of_the_month() -> None:
    part_of_october = replace(OF_CALLS, share=FOR_14_DAYS.share)

    words = ("at most 80.00 EUR", "share of 60.00 EUR less 36.13 EUR for 14 of 31 days")
    assert list(maximum(CAP, [CALLS], part_of_october)) == [
        line(CALLS, AdjustmentKind.MAXIMUM, "-23.87", words, of_charge=True)
    ]


def test_a_maximum_that_is_just_reached_takes_nothing_nor_does_one_in_another_currency() -> None:
    of_storage = replace(CAP, amounts=(euros("40"),), charges=STORAGE_ONLY)

    assert list(maximum(of_storage, [CALLS, STORAGE], OF_CONTRACT)) == []
    assert list(maximum(CAP, [CALLS, STORAGE], replace(OF_CONTRACT, currency=DOLLAR))) == []


def test_what_is_left_after_adjustments_is_what_the_next_ones_work_on() -> None:
    coupon = FixedDiscount(adjustment_id=PARTNER, valid=ALWAYS, amount=euros("15"), charges=(ChargeId("calls"),))
    taken = list(fixed_discount(coupon, [CALLS, STORAGE], OF_CONTRACT))
    added = list(minimum(FLOOR, [CALLS], OF_CALLS))

    assert after([CALLS, STORAGE], [*taken, *added]) == (
        replace(CALLS, amount=euros("45.00")),
        STORAGE,
        Due(
            name="s-acme/calls+partner",
            subscription_id=CALLS.subscription_id,
            charge_id=CALLS.charge_id,
            product_id=ProductId("missing"),
            description="What calls cost",
            service_period=OCTOBER.period,
            amount=euros("60.01"),
        ),
    )


@pytest.mark.parametrize(
    ("line_name", "charge"),
    [("s-acme/calls", "s-acme/calls"), ("s-acme/calls+floor+coupon", "s-acme/calls"), ("+floor", "")],
)
def test_a_line_tells_the_charge_that_it_belongs_to(line_name: str, charge: str) -> None:
    assert charge_line(line_name) == charge


@pytest.mark.parametrize(
    ("one", "product", "named"),
    [
        (UsageDiscount(adjustment_id=PARTNER, valid=ALWAYS, units=Decimal(5)), None, ()),
        (TEN_PERCENT, None, ()),
        (COUPON, None, (euros("14.995"),)),
        (FLOOR, ProductId("missing"), (euros("120.005"),)),
        (CAP, None, (euros("80"),)),
        (
            Commitment(adjustment_id=PARTNER, valid=ALWAYS, amount=euros("7"), product_id=ProductId("missing")),
            ProductId("missing"),
            (euros("7"),),
        ),
        (Credit(adjustment_id=PARTNER, valid=ALWAYS, amount=euros("8")), None, (euros("8"),)),
        (
            CreditBalance(adjustment_id=PARTNER, valid=ALWAYS, amount=euros("9"), product_id=ProductId("prepaid")),
            ProductId("prepaid"),
            (euros("9"),),
        ),
    ],
)
def test_an_adjustment_tells_the_product_and_the_money_that_it_names(
    one: ChargeAdjustment | ContractAdjustment, product: ProductId | None, named: tuple[Money, ...]
) -> None:
    assert product_of(one) == product
    assert amounts_of(one) == named


def test_nothing_is_shared_over_what_is_due_for_nothing() -> None:
    free = replace(CALLS, amount=euros("0.00"))

    assert list(shares(euros("5.00"), [free, REFUND])) == []
    assert list(shares(euros("5.00"), [free, STORAGE, REFUND])) == [(STORAGE, euros("5.00"))]
    assert list(shares(euros("0.00"), [CALLS])) == []
