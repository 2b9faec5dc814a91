"""One charge, a price for each combination of values: each is rated alone, has a line of its own, and none is free."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId
from shared.domain.master_data.catalog import AgreedPrice, Charge, Contract, Price
from shared.domain.metering.aggregate import LatestState, WindowUsage
from shared.domain.metering.carried import CarriedLevel
from shared.domain.metering.levels import Level
from shared.domain.metering.meter import Aggregation
from shared.domain.money import Money
from shared.domain.rating.adjustments import Maximum, Minimum
from shared.domain.rating.charge_models import ChargeModel, Graduated, PerUnit, Tier
from shared.domain.rating.contract import RatedContract, rate_contract
from shared.domain.rating.priced_dimensions import in_words, line_name
from shared.domain.time_period import Period
from shared.domain.usage.event import Dimensions
from tests.builders.billing import (
    ALWAYS,
    API_CALLS,
    EUR,
    MID_OCTOBER,
    OCTOBER,
    account,
    calls,
    contract,
    plan,
    price,
    subscription,
    usage_charge,
)

LARGE_GOLD = (("model", "large"), ("tier", "gold"))
SMALL_GOLD = (("model", "small"), ("tier", "gold"))
STRANGE = (("model", "5+5 [a]@b/c"), ("tier", "gold"))
TIERS = Graduated((Tier(Decimal(100), Decimal("0.10")), Tier(None, Decimal("0.05"))))


def of(match: Dimensions, model: ChargeModel) -> Price:
    return replace(price(model), match=match)


def tokens(*prices: Price, **more: object) -> Charge:
    return replace(usage_charge(*prices, charge_id="tokens"), price_by=("model", "tier"), **more)  # type: ignore[arg-type]


def rated(
    charge: Charge, *windows: WindowUsage, agreed: Contract | None = None, opening: tuple[CarriedLevel, ...] = ()
) -> RatedContract:
    agreed = agreed or contract()
    return rate_contract(
        account=account(agreed),
        contract=agreed,
        plans={one.plan_id: one for one in (plan(charge),)},
        billing_period=OCTOBER.period,
        windows=windows,
        opening=opening,
    )


def amounts(result: RatedContract) -> dict[str, Decimal]:
    return {charge.name: charge.precise_amount for charge in result.charges}


def test_each_combination_is_a_line_of_its_own() -> None:
    charge = tokens(of(LARGE_GOLD, PerUnit(Decimal(3))), of(SMALL_GOLD, PerUnit(Decimal(1))))

    result = rated(charge, calls(10, dimensions=LARGE_GOLD), calls(5, dimensions=SMALL_GOLD))

    assert amounts(result) == {
        "s-acme/tokens[model=large,tier=gold]": Decimal(30),
        "s-acme/tokens[model=small,tier=gold]": Decimal(5),
    }
    assert not result.issues


def test_each_combination_fills_tiers_of_its_own_over_all_windows() -> None:
    result = rated(
        tokens(price(TIERS)),
        calls(60, dimensions=LARGE_GOLD),
        calls(60, dimensions=LARGE_GOLD, at=OCTOBER.start),
        calls(60, dimensions=SMALL_GOLD),
    )

    assert amounts(result) == {
        "s-acme/tokens[model=large,tier=gold]": Decimal(11),
        "s-acme/tokens[model=small,tier=gold]": Decimal(6),
    }


def test_each_combination_has_the_levels_that_carried_in_for_it() -> None:
    """Small ones were reported before October, large ones carried in and were reported anew."""
    opening = tuple(
        CarriedLevel(
            meter=API_CALLS,
            aggregation=Aggregation.LATEST,
            dimensions=dimensions,
            level=Level(OCTOBER.start - timedelta(days=9), "crm", f"seats-{value}", Decimal(value)),
        )
        for dimensions, value in ((LARGE_GOLD, 4), (SMALL_GOLD, 5))
    )
    seven = replace(calls(1, dimensions=LARGE_GOLD), state=LatestState(MID_OCTOBER, "crm", "seats-7", Decimal(7)))

    result = rated(tokens(price(PerUnit(Decimal(1)))), seven, opening=opening)

    assert amounts(result) == {
        "s-acme/tokens[model=large,tier=gold]": Decimal(7),
        "s-acme/tokens[model=small,tier=gold]": Decimal(5),
    }


def test_a_row_for_a_combination_comes_before_the_one_for_all_others() -> None:
    charge = tokens(price(PerUnit(Decimal(9))), of(LARGE_GOLD, PerUnit(Decimal(3))))

    result = rated(charge, calls(1, dimensions=LARGE_GOLD), calls(1, dimensions=SMALL_GOLD), calls(1))

    assert amounts(result) == {
        "s-acme/tokens[model=,tier=]": Decimal(9),
        "s-acme/tokens[model=large,tier=gold]": Decimal(3),
        "s-acme/tokens[model=small,tier=gold]": Decimal(9),
    }


def test_usage_that_no_row_takes_is_a_critical_issue_that_names_it() -> None:
    result = rated(
        tokens(of(LARGE_GOLD, PerUnit(Decimal(3)))), calls(1, dimensions=LARGE_GOLD), calls(1, dimensions=SMALL_GOLD)
    )

    assert [(issue.severity, issue.code, issue.path) for issue in result.issues] == [
        ("critical", "PRICE_MISSING", "s-acme/tokens[model=small,tier=gold]")
    ]


def test_a_price_of_a_combination_that_changes_within_the_month_says_so() -> None:
    until, since = Period(ALWAYS.start, MID_OCTOBER), Period(MID_OCTOBER, None)
    charge = tokens(
        replace(price(PerUnit(Decimal(3)), valid=until), match=LARGE_GOLD),
        replace(price(PerUnit(Decimal(4)), valid=since), match=LARGE_GOLD),
        of(SMALL_GOLD, PerUnit(Decimal(1))),
    )

    result = rated(charge, calls(1, dimensions=LARGE_GOLD), calls(1, dimensions=SMALL_GOLD))

    assert [(issue.code, issue.path) for issue in result.issues] == [
        ("PRICE_CHANGES_WITHIN_PERIOD", "s-acme/tokens[model=large,tier=gold]")
    ]


def test_a_value_never_reads_like_another_one_or_like_a_part_of_the_name() -> None:
    result = rated(tokens(price(PerUnit(Decimal(1)))), calls(1, dimensions=STRANGE))

    assert list(amounts(result)) == ["s-acme/tokens[model=5%2B5%20%5Ba%5D%40b%2Fc,tier=gold]"]


def test_a_dimension_never_reads_like_a_part_of_the_name_either() -> None:
    assert line_name(None, None, (("a/b", "X"), ("c", "d"))) == "None/None[a%2Fb=X,c=d]"


def test_a_combination_reads_as_its_values_and_says_what_it_does_not_have() -> None:
    assert in_words((("model", "large"), ("tier", ""))) == "model large, tier (none)"


def test_a_combination_without_usage_owes_nothing_of_a_first_tier_either() -> None:
    charge = tokens(of(LARGE_GOLD, Graduated((Tier(None, Decimal(1), Decimal(5)),))))

    assert amounts(rated(charge)) == {}
    assert amounts(rated(charge, calls(0, dimensions=LARGE_GOLD))) == {}
    assert amounts(rated(charge, calls(1, dimensions=LARGE_GOLD))) == {
        "s-acme/tokens[model=large,tier=gold]": Decimal(6)
    }


def test_usage_before_a_subscription_makes_no_line() -> None:
    late = contract(subscription(active=Period(datetime(2026, 10, 20, tzinfo=UTC), None)))
    charge = tokens(of(LARGE_GOLD, Graduated((Tier(None, Decimal(1), Decimal(5)),))))

    assert amounts(rated(charge, calls(1, dimensions=LARGE_GOLD), agreed=late)) == {}


@pytest.mark.parametrize(
    ("match", "large", "small"), [((), 2, 2), (LARGE_GOLD, 2, 1)], ids=["of all combinations", "of one"]
)
def test_an_agreed_price_comes_before_every_row_of_the_price_book(match: Dimensions, large: int, small: int) -> None:
    agreed = AgreedPrice(
        charge_id=ChargeId("tokens"), price=replace(price(PerUnit(Decimal(2))), agreed=True, match=match)
    )
    charge = tokens(of(LARGE_GOLD, PerUnit(Decimal(3))), of(SMALL_GOLD, PerUnit(Decimal(1))))

    result = rated(
        charge,
        calls(1, dimensions=LARGE_GOLD),
        calls(1, dimensions=SMALL_GOLD),
        agreed=replace(contract(), prices=(agreed,)),
    )

    assert list(amounts(result).values()) == [large, small]


def test_a_minimum_of_the_charge_counts_all_its_lines_and_a_maximum_is_shared_by_them() -> None:
    floor = Minimum(
        adjustment_id=AdjustmentId("floor"),
        valid=ALWAYS,
        amounts=(Money(Decimal(50), EUR),),
        product_id=ProductId("api"),
    )
    cap = Maximum(adjustment_id=AdjustmentId("cap"), valid=ALWAYS, amounts=(Money(Decimal(30), EUR),))
    used = (calls(30, dimensions=LARGE_GOLD), calls(10, dimensions=SMALL_GOLD))

    at_least = rated(tokens(price(PerUnit(Decimal(1))), adjustments=(floor,)), *used)
    at_most = rated(tokens(price(PerUnit(Decimal(1))), adjustments=(cap,)), *used)

    assert {one.name: one.amount.amount for one in at_least.adjustments} == {"s-acme/tokens+floor": Decimal(10)}
    assert {one.name: one.amount.amount for one in at_most.adjustments} == {
        "s-acme/tokens[model=large,tier=gold]+cap": Decimal("-7.50"),
        "s-acme/tokens[model=small,tier=gold]+cap": Decimal("-2.50"),
    }
