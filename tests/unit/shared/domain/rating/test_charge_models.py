"""The laws of charge models, whatever the quantity, the prices and the currency."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.metering.levels import LevelChange
from shared.domain.metering.transactions import Transaction, in_sequence
from shared.domain.money import EXACT, Money, currency, exact_sum
from shared.domain.rating.charge_models import (
    BlockTier,
    ChargeModel,
    Dynamic,
    Graduated,
    GraduatedBlocks,
    GraduatedPercentage,
    GraduatedProrated,
    Package,
    PackageRounding,
    Percentage,
    PerUnit,
    PreRated,
    QuantityBeyondTiersError,
    RateTier,
    Stairstep,
    StairstepByUnit,
    Step,
    Tier,
    UnitStep,
    Volume,
    VolumeBlocks,
)
from shared.domain.rating.rate import UsageDoesNotFitError, amount_of, rate
from shared.domain.rating.usage import ChargedUsage, LevelChanges, Transactions, UnitQuantities, quantity_of_usage

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A_CENT = Decimal("0.01")

# From 1e-18 to 1e15, every digit of it.
quantities = st.one_of(
    st.just(Decimal(0)),
    st.sampled_from(["0.000000000000000001", "999999999999999.999999999999999999", "1E+15"]).map(Decimal),
    st.decimals(min_value=0, max_value=10**15, places=18, allow_nan=False),
    st.integers(0, 10**6).map(Decimal),
)
prices = st.decimals(min_value=0, max_value=1000, places=9, allow_nan=False)
rates = st.decimals(min_value=0, max_value=1, places=6, allow_nan=False)
sizes = st.decimals(min_value="0.000001", max_value=10**6, places=6, allow_nan=False)
bounds = st.sets(st.integers(1, 10**9), max_size=4).map(lambda limits: [*map(Decimal, sorted(limits)), None])
tiers = bounds.flatmap(lambda limits: st.tuples(*(st.builds(Tier, st.just(one), prices, prices) for one in limits)))
rate_tiers = bounds.flatmap(
    lambda limits: st.tuples(*(st.builds(RateTier, st.just(one), rates, prices) for one in limits))
)
steps = st.tuples(bounds, st.lists(prices, min_size=5, max_size=5).map(sorted)).map(
    lambda both: tuple(Step(limit, amount) for limit, amount in zip(both[0], both[1], strict=False))
)
block_tiers = st.lists(st.tuples(st.integers(1, 1000).map(Decimal), sizes, prices), min_size=1, max_size=4).map(
    lambda told: (*(BlockTier(*one) for one in told[:-1]), BlockTier(None, *told[-1][1:]))
)
packages = st.builds(
    Package, size=sizes, price=prices, free_units=st.just(Decimal(0)) | sizes, rounding=st.sampled_from(PackageRounding)
)
percentages = st.builds(
    Percentage,
    rate=rates,
    fixed_amount=st.just(Decimal(0)) | prices,
    free_transactions=st.none() | st.integers(0, 5),
    free_amount=st.none() | prices,
    minimum=st.none() | rates,
    maximum=st.none() | prices.map(lambda price: price + 1),
)
transactions = st.lists(
    st.builds(
        Transaction,
        st.integers(0, 3).map(lambda second: NOON + timedelta(seconds=second)),
        st.sampled_from(["web", "app"]),
        st.text(max_size=3),
        quantities,
    ),
    max_size=8,
)
never_negative = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 100)), max_size=6).map(
    lambda told: LevelChanges(
        tuple(
            LevelChange(Decimal(level - before), Fraction(share, 100))
            for (level, share), before in zip(
                _by_falling_share(told), [0, *(level for level, _ in _by_falling_share(told))], strict=False
            )
        )
    )
)

# Where more usage never costs less, given prices of at least zero and amounts of steps that rise.
rising = st.one_of(
    st.builds(PerUnit, prices),
    st.builds(Graduated, tiers, st.booleans()),
    packages,
    st.builds(Stairstep, steps, st.booleans()),
    st.builds(GraduatedBlocks, block_tiers),
    st.builds(GraduatedPercentage, rate_tiers, st.booleans()),
    st.builds(Dynamic, prices),
    st.builds(PreRated),
)
of_quantities = st.one_of(rising, st.builds(Volume, tiers, st.booleans()), st.builds(VolumeBlocks, block_tiers))
priced: st.SearchStrategy[tuple[ChargedUsage, ChargeModel]] = st.one_of(
    st.tuples(quantities, of_quantities),
    st.tuples(transactions.map(lambda each: Transactions(in_sequence(each))), percentages),
    st.tuples(never_negative, st.builds(GraduatedProrated, tiers, st.booleans())),
)


def _by_falling_share(told: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted(told, key=lambda one: -one[1])


def cost(usage: ChargedUsage, model: ChargeModel) -> Decimal:
    return exact_sum(part.amount for part in rate(usage=usage, model=model))


@given(priced)
def test_parts_account_for_the_whole_quantity_and_no_more(case: tuple[ChargedUsage, ChargeModel]) -> None:
    usage, model = case

    assert exact_sum(part.units for part in rate(usage=usage, model=model)) == quantity_of_usage(usage)


@given(priced)
def test_each_part_shows_its_arithmetic_and_what_it_is_of(case: tuple[ChargedUsage, ChargeModel]) -> None:
    usage, model = case

    for part in rate(usage=usage, model=model):
        assert part.label
        assert part.amount == EXACT.add(EXACT.multiply(part.quantity, part.unit_price), part.flat_amount)
        assert part.amount >= 0


@given(priced)
def test_an_amount_without_its_parts_is_their_sum(case: tuple[ChargedUsage, ChargeModel]) -> None:
    usage, model = case

    assert amount_of(usage=usage, model=model) == cost(usage, model)


@given(quantities, quantities, rising)
def test_more_usage_never_costs_less(one: Decimal, other: Decimal, model: ChargeModel) -> None:
    less, more = sorted([one, other])

    assert cost(less, model) <= cost(more, model)


@given(priced, st.sampled_from(["JPY", "EUR", "KWD", "CLF"]))
def test_an_amount_is_rounded_once_by_less_than_a_minor_unit(case: tuple[ChargedUsage, ChargeModel], code: str) -> None:
    exact = Money(cost(*case), currency(code))

    off = abs(EXACT.subtract(exact.rounded().amount, exact.amount))
    assert 2 * off <= exact.currency.minor_unit


@given(quantities, tiers, st.integers(0, 4), st.integers(1, 10**9))
def test_splitting_a_tier_in_two_changes_nothing(
    quantity: Decimal, whole: tuple[Tier, ...], place: int, at: int
) -> None:
    lower = Decimal(0)
    split: list[Tier] = []
    again: list[Tier] = []
    for number, tier in enumerate(whole):
        if number == place and lower < at and (tier.up_to is None or at < tier.up_to):
            split.append(Tier(Decimal(at), tier.unit_price, tier.flat_amount))
            again.append(split[-1])
            split.append(Tier(tier.up_to, tier.unit_price))  # its flat amount is due already
            again.append(tier)  # of volume it is due in the one or the other
        else:
            split.append(tier)
            again.append(tier)
        lower = tier.up_to or lower

    assert cost(quantity, Graduated(tuple(split))) == cost(quantity, Graduated(whole))
    assert cost(quantity, Volume(tuple(again))) == cost(quantity, Volume(whole))


@given(quantities, tiers)
def test_climbing_tiers_costs_what_a_loop_over_them_says(quantity: Decimal, each: tuple[Tier, ...]) -> None:
    expected, lower = Decimal(0), Decimal(0)
    for number, tier in enumerate(each):
        if number == 0 or quantity > lower:
            upper = quantity if tier.up_to is None else min(quantity, tier.up_to)
            units = EXACT.subtract(upper, lower)
            expected = EXACT.add(expected, EXACT.fma(units, tier.unit_price, tier.flat_amount))
        lower = tier.up_to or lower

    assert cost(quantity, Graduated(each)) == expected


@given(quantities, tiers)
def test_a_level_that_holds_all_period_is_priced_as_a_quantity(quantity: Decimal, each: tuple[Tier, ...]) -> None:
    opening = LevelChanges((LevelChange(quantity, Fraction(1)),))

    assert cost(opening, GraduatedProrated(each)) == cost(quantity, Graduated(each))


@given(transactions, percentages, st.randoms())
def test_transactions_cost_the_same_in_whatever_order_they_arrive(
    each: list[Transaction], model: Percentage, random: object
) -> None:
    arrived = list(each)
    random.shuffle(arrived)  # type: ignore[attr-defined]

    assert rate(usage=Transactions(in_sequence(arrived)), model=model) == rate(
        usage=Transactions(in_sequence(each)), model=model
    )


@given(transactions, rates)
def test_a_percentage_without_limits_is_one_of_the_sum(each: list[Transaction], share: Decimal) -> None:
    usage = Transactions(in_sequence(each))

    assert cost(usage, Percentage(rate=share)) == cost(usage.quantity, Dynamic(share))


@given(transactions, percentages)
def test_each_transaction_costs_at_least_its_minimum_and_at_most_its_maximum(
    each: list[Transaction], model: Percentage
) -> None:
    amount = cost(Transactions(in_sequence(each)), model)

    if model.maximum is not None:
        assert amount <= model.maximum * len(each)
    if model.minimum is not None and model.free_amount is None and model.free_transactions is None:
        assert amount >= model.minimum * len(each)


def test_two_percent_but_half_a_euro_of_one_and_of_999() -> None:
    each = tuple(Transaction(NOON, "pay", name, Decimal(amount)) for name, amount in (("a", "1"), ("b", "999")))

    parts = rate(usage=Transactions(each), model=Percentage(rate=Decimal("0.02"), minimum=Decimal("0.50")))

    assert [(part.label, part.amount) for part in parts] == [
        ("2 % of 1 transaction", Decimal("19.98")),
        ("at least 0.5 for each of 1 transaction, 1 in all", Decimal("0.50")),
    ]


def test_a_step_that_names_no_such_unit_gives_nothing_away() -> None:
    model = StairstepByUnit(dimension="unit", steps=(UnitStep((("core", None),), Decimal(10)),))

    with pytest.raises(QuantityBeyondTiersError, match="no step names unit disk"):
        rate(usage=UnitQuantities((("core", Decimal(1)), ("disk", Decimal(1)))), model=model)


def test_a_sum_is_not_taken_for_its_transactions() -> None:
    with pytest.raises(UsageDoesNotFitError, match="Percentage rates Transactions, not Decimal"):
        rate(usage=Decimal(1000), model=Percentage(rate=A_CENT))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Graduated((Tier(None, A_CENT),)), Graduated((Tier(None, A_CENT),), first_flat_without_usage=False)),
        (Volume((Tier(None, A_CENT),)), Graduated((Tier(None, A_CENT),))),
        (Package(size=Decimal(10), price=A_CENT), Package(size=Decimal(10), price=A_CENT, free_units=Decimal(1))),
        (Package(size=Decimal(1), price=A_CENT), Package(size=Decimal(1), price=A_CENT, rounding=PackageRounding.DOWN)),
        (Percentage(rate=A_CENT), Percentage(rate=A_CENT, free_transactions=1)),
        (Percentage(rate=A_CENT, minimum=Decimal(1)), Percentage(rate=A_CENT, maximum=Decimal(1))),
        (Percentage(rate=A_CENT, free_amount=Decimal(1)), Percentage(rate=A_CENT, fixed_amount=Decimal(1))),
        (GraduatedPercentage((RateTier(None, A_CENT),)), Graduated((Tier(None, A_CENT),))),
        (Dynamic(Decimal(1)), PreRated()),
    ],
)
def test_different_prices_never_read_alike(one: ChargeModel, other: ChargeModel) -> None:
    assert str(one) != str(other)
