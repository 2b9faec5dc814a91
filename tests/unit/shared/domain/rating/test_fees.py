"""Fees: what a subscription owes without any usage, in whole and in parts, for its seats, once or each period."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identifiers import ChargeId, ProductId
from shared.domain.master_data.catalog import Charge, Subscription
from shared.domain.master_data.customer import Dated
from shared.domain.money import Money, exact_sum
from shared.domain.rating.charge_models import ChargeModel, Flat, Graduated, PerUnit, Tier
from shared.domain.rating.fees import Fee, RatedFee, rate_fee
from shared.domain.subscriptions.fee_terms import Billed, FeeTerms
from shared.domain.subscriptions.proration import Proration
from shared.domain.time_period import Period, local_midnight
from tests.builders.billing import BERLIN, EUR, OCTOBER, price, subscription

DAYS, SECONDS, NONE = FeeTerms(proration=Proration.DAYS), FeeTerms(proration=Proration.SECONDS), FeeTerms()
SEATS_BY_DAYS, SEATS = FeeTerms(proration=Proration.DAYS, seats=True), FeeTerms(seats=True)
TEN_EACH = PerUnit(Decimal(10))
FIVE_AT_TEN_THEN_FIVE = Graduated((Tier(Decimal(5), Decimal(10)), Tier(None, Decimal(5))))


def october(day: int, *, hour: int = 0) -> datetime:
    return local_midnight(date(2026, 10, day), BERLIN) + timedelta(hours=hour)


def seats(*changes: tuple[int, int]) -> tuple[Dated[Decimal], ...]:
    """Return quantities from days of October on."""
    ends = [october(day) for day, _ in changes[1:]]
    return tuple(
        Dated(Decimal(quantity), Period(october(day), end))
        for (day, quantity), end in zip(changes, [*ends, None], strict=True)
    )


def owed(
    model: ChargeModel, terms: FeeTerms, agreed: Subscription, *, service_period: Period = OCTOBER.period
) -> RatedFee:
    charge = Charge(
        charge_id=ChargeId("fee"),
        product_id=ProductId("platform"),
        meter=None,
        prices=(price(model),),
        fee=terms,
        description="A seat",
    )
    service = service_period.intersection(agreed.active)
    assert service is not None
    fee = Fee(subscription=agreed, charge=charge, billing_period=OCTOBER.period, service_period=service, zone=BERLIN)
    return rate_fee(fee, charge.prices[0])


def amounts(rated: RatedFee) -> list[str]:
    """Return what the lines come to, each rounded as a line is."""
    return [f"{Money(one.precise_amount, EUR).rounded().amount}" for one in rated.charges]


def test_a_fee_of_a_part_of_the_period_is_its_share_by_days() -> None:
    rated = owed(Flat(Decimal(31)), DAYS, subscription(active=Period(october(15), None)))

    (charge,) = rated.charges
    assert (charge.quantity, charge.precise_amount) == (Decimal(1), Decimal(17))
    assert charge.service_period == Period(october(15), OCTOBER.end)
    assert [part.label for part in charge.parts] == ["flat: 31 for 17 of 31 days"]


def test_a_fee_of_a_part_of_the_period_is_its_share_by_seconds() -> None:
    noon = subscription(active=Period(october(31, hour=12), None))

    assert owed(Flat(Decimal(2682000)), SECONDS, noon).charges[0].precise_amount == Decimal(43_200)


def test_a_whole_period_owes_the_whole_fee_whatever_the_proration() -> None:
    for terms in (DAYS, SECONDS, NONE):
        (charge,) = owed(Flat(Decimal(99)), terms, subscription()).charges
        assert charge.precise_amount == Decimal(99)
        assert [part.label for part in charge.parts] == ["flat"]


def test_a_fee_of_whole_periods_only_says_what_it_leaves_out() -> None:
    rated = owed(Flat(Decimal(99)), NONE, subscription(active=Period(october(15), None)))

    assert rated.charges == ()
    assert rated.not_prorated.startswith("due only for 2026-10-14T22:00:00")


def test_a_fee_that_a_pause_keeps_from_being_whole_tells_each_part_that_it_leaves_out() -> None:
    paused = replace(subscription(), pauses=(Period(october(11), october(21)),))

    rated = owed(Flat(Decimal(99)), NONE, paused)

    before, after = Period(OCTOBER.start, october(11)), Period(october(21), OCTOBER.end)
    assert rated.not_prorated == (
        f"due only for {before}, {after}: fees are billed for whole periods, so this one is not"
    )


def test_a_fee_says_what_it_is_and_shows_a_share_as_an_amount_and_no_quantity() -> None:
    (charge,) = owed(TEN_EACH, SEATS_BY_DAYS, replace(subscription(), quantities=seats((1, 0), (15, 3)))).charges

    assert (charge.subscription_id, charge.charge_id, charge.product_id) == ("s-acme", "fee", "platform")
    assert (charge.description, charge.price, charge.meter) == ("A seat", "10 each", None)
    assert [(part.quantity, part.unit_price, part.takes) for part in charge.parts] == [
        (Decimal(0), Decimal(0), Decimal(3))
    ]


def test_seats_that_cost_nothing_are_a_line_all_the_same_and_so_is_an_amount_without_seats() -> None:
    ten_and_two_each = Graduated((Tier(None, Decimal(2), Decimal(10)),))

    assert amounts(owed(PerUnit(Decimal(0)), SEATS_BY_DAYS, replace(subscription(), quantities=seats((1, 5))))) == [
        "0.00"
    ]
    assert amounts(owed(ten_and_two_each, SEATS_BY_DAYS, replace(subscription(), quantities=seats((1, 0))))) == [
        "10.00"
    ]


def test_nothing_is_owed_in_a_trial_and_its_rest_of_the_month_after_it() -> None:
    in_trial = replace(subscription(), trial_until=october(15))

    assert amounts(owed(Flat(Decimal(31)), DAYS, in_trial)) == ["17.00"]
    assert owed(Flat(Decimal(31)), DAYS, replace(in_trial, trial_until=OCTOBER.end)) == RatedFee()


def test_nothing_is_owed_in_a_pause() -> None:
    paused = replace(subscription(), pauses=(Period(october(11), october(21)),))

    rated = owed(Flat(Decimal(31)), DAYS, paused)

    assert amounts(rated) == ["10.00", "11.00"]
    assert [charge.since for charge in rated.charges] == ["", "2026-10-21"]


def test_each_number_of_seats_is_a_line_of_its_own_time() -> None:
    rated = owed(TEN_EACH, SEATS_BY_DAYS, replace(subscription(), quantities=seats((1, 5), (15, 8))))

    assert [(one.quantity, str(one.service_period.start.date())) for one in rated.charges] == [
        (Decimal(5), "2026-09-30"),
        (Decimal(8), "2026-10-14"),
    ]
    assert amounts(rated) == ["22.58", "43.87"]  # 5 x 10 x 14/31 and 8 x 10 x 17/31


def test_graduated_seats_move_through_the_tiers_in_full_and_are_priced_by_their_share() -> None:
    rated = owed(FIVE_AT_TEN_THEN_FIVE, SEATS_BY_DAYS, replace(subscription(), quantities=seats((1, 5), (15, 8))))

    assert amounts(rated) == ["22.58", "35.65"]  # 50 x 14/31 and (50 + 15) x 17/31
    assert [part.units for part in rated.charges[1].parts] == [Decimal(5), Decimal(3)]


def test_a_flat_fee_is_one_however_many_seats_there_are() -> None:
    rated = owed(Flat(Decimal(31)), DAYS, replace(subscription(), quantities=seats((1, 5), (15, 8))))

    assert amounts(rated) == ["31.00"]


def test_a_fee_in_advance_is_named_by_its_first_day_in_the_customers_calendar() -> None:
    in_advance = FeeTerms(billed=Billed.IN_ADVANCE)
    half = subscription(active=Period(october(15), None))

    (whole,) = owed(Flat(Decimal(99)), in_advance, subscription()).charges
    (part,) = owed(Flat(Decimal(31)), replace(in_advance, proration=Proration.DAYS), half).charges

    assert (whole.line_id, part.line_id) == ("s-acme/fee/2026-10-01", "s-acme/fee/2026-10-15")


def test_seats_of_whole_periods_are_those_of_its_start_and_it_says_so() -> None:
    rated = owed(TEN_EACH, SEATS, replace(subscription(), quantities=seats((1, 5), (15, 8))))

    assert amounts(rated) == ["50.00"]
    assert rated.not_prorated.endswith("all of it is charged for 5")


def test_no_seats_owe_nothing() -> None:
    assert amounts(owed(TEN_EACH, SEATS_BY_DAYS, replace(subscription(), quantities=seats((1, 0), (15, 2))))) == [
        "10.97"
    ]


def test_a_change_and_back_on_one_day_is_no_day() -> None:
    quantities = (
        Dated(Decimal(5), Period(october(1), october(15, hour=8))),
        Dated(Decimal(9), Period(october(15, hour=8), october(15, hour=17))),
        Dated(Decimal(5), Period(october(15, hour=17), None)),
    )

    rated = owed(TEN_EACH, SEATS_BY_DAYS, replace(subscription(), quantities=quantities))

    assert [(one.quantity, part.label) for one in rated.charges for part in one.parts] == [
        (Decimal(5), "per unit: 50 for 14 of 31 days"),
        (Decimal(5), "per unit: 50 for 17 of 31 days"),
    ]
    assert [one.since for one in rated.charges] == ["", "2026-10-15T1700"]


@pytest.mark.parametrize("terms", [FeeTerms(once=True)])
def test_a_set_up_is_due_once_and_whole(terms: FeeTerms) -> None:
    since = subscription(active=Period(october(15), None))
    long_before = subscription(active=Period(october(1) - timedelta(days=90), None))

    assert amounts(owed(Flat(Decimal(500)), terms, since)) == ["500.00"]
    assert amounts(owed(Flat(Decimal(500)), terms, long_before)) == []


def test_a_set_up_of_seats_is_of_those_there_are_when_it_falls_due() -> None:
    agreed = replace(subscription(active=Period(october(10), None)), quantities=seats((10, 5), (20, 8)))

    (at_once,) = owed(TEN_EACH, FeeTerms(once=True, seats=True), agreed).charges
    (after_the_trial,) = owed(
        TEN_EACH, FeeTerms(once=True, seats=True), replace(agreed, trial_until=october(25))
    ).charges

    (not_of_seats,) = owed(TEN_EACH, FeeTerms(once=True), agreed).charges
    assert (not_of_seats.quantity, not_of_seats.since) == (Decimal(1), "")
    assert (at_once.quantity, at_once.service_period) == (Decimal(5), Period(october(10), OCTOBER.end))
    assert (after_the_trial.quantity, after_the_trial.service_period) == (Decimal(8), Period(october(25), OCTOBER.end))


def test_a_set_up_is_due_when_the_trial_ends_and_never_for_a_change_of_plan() -> None:
    terms, started = FeeTerms(once=True), subscription(active=Period(october(10), OCTOBER.end))

    assert amounts(owed(Flat(Decimal(500)), terms, replace(started, trial_until=october(20)))) == ["500.00"]
    assert amounts(owed(Flat(Decimal(500)), terms, replace(started, trial_until=OCTOBER.end))) == []
    assert amounts(owed(Flat(Decimal(500)), terms, replace(started, came_of=0))) == []


def test_a_set_up_is_due_when_the_trial_ends_on_the_plan_that_the_subscription_is_then_on() -> None:
    """Upgraded on the 10th, in its trial: the plan before never came to its set-up, so this one's is due."""
    terms, upgraded = FeeTerms(once=True), subscription(active=Period(october(10), None))

    for last, due in ((20, ["500.00"]), (10, ["500.00"]), (9, [])):
        trial = replace(upgraded, came_of=0, trial_until=october(last))
        assert amounts(owed(Flat(Decimal(500)), terms, trial)) == due


CHANGES = st.lists(
    st.tuples(st.integers(2, 31), st.integers(0, 9)), max_size=5, unique_by=lambda change: change[0]
).map(sorted)
UNIT_PRICES = st.decimals("0.001", "1000", places=3)


@given(CHANGES, UNIT_PRICES)
def test_seats_come_to_the_sum_of_their_days(changes: Sequence[tuple[int, int]], unit_price: Decimal) -> None:
    known = [(1, 3), *changes]
    rated = owed(PerUnit(unit_price), SEATS_BY_DAYS, replace(subscription(), quantities=seats(*known)))

    seat_days = sum(seats * (until - day) for (day, seats), (until, _) in pairwise([*known, (32, 0)]))
    total = exact_sum(one.precise_amount for one in rated.charges)
    assert abs(total - unit_price * seat_days / 31) < Decimal("1e-20")


@given(st.integers(2, 31), UNIT_PRICES)
def test_cutting_a_subscription_at_any_midnight_changes_nothing_in_sum(day: int, fee: Decimal) -> None:
    halves = [Period(OCTOBER.start, october(day)), Period(october(day), OCTOBER.end)]
    rated = [owed(Flat(fee), DAYS, subscription(active=half)) for half in halves]

    total = exact_sum(one.precise_amount for half in rated for one in half.charges)
    assert Money(total, EUR).rounded() == Money(fee, EUR).rounded()
