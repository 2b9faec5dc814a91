"""What an invoice says of a price and of each step of its arithmetic, word for word."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from shared.domain.metering.levels import LevelChange
from shared.domain.metering.transactions import Transaction
from shared.domain.money import exact_sum
from shared.domain.rating.charge_models import (
    BlockTier,
    ChargeModel,
    Dynamic,
    Flat,
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
from shared.domain.rating.charge_models.words import percent, plain
from shared.domain.rating.rate import UsageDoesNotFitError, amount_of, rate
from shared.domain.rating.usage import (
    ChargedUsage,
    LevelChanges,
    Transactions,
    UnitQuantities,
    is_nothing,
    quantity_of_usage,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def of(text: str) -> Decimal:
    return Decimal(text)


TIERS = (Tier(of("10"), of("10.0"), of("2")), Tier(of("20"), of("5"), of("3")), Tier(None, of("1")))
STEPS = (Step(of("10"), of("20")), Step(None, of("50.00")))
BLOCKS = (BlockTier(of("2"), of("100"), of("5")), BlockTier(None, of("50"), of("2")))
RATES = (RateTier(of("1000"), of("0.02"), of("5")), RateTier(None, of("0.01")))
CORES_AND_DISKS = (
    UnitStep((("core", of("5")), ("disk", of("100"))), of("10")),
    UnitStep((("core", None), ("disk", None)), of("30")),
)
BY_UNIT = StairstepByUnit(dimension="unit", steps=CORES_AND_DISKS)
PACKAGES = Package(size=of("1000"), price=of("5"), free_units=of("100"))
TWO_PERCENT = Percentage(rate=of("0.02"))


def payments(*amounts: str) -> Transactions:
    return Transactions(
        tuple(Transaction(NOON + timedelta(seconds=n), "pay", str(n), of(one)) for n, one in enumerate(amounts))
    )


def levels(*changes: tuple[str, str]) -> LevelChanges:
    return LevelChanges(tuple(LevelChange(of(units), Fraction(share)) for units, share in changes))


def units(**of_each: str) -> UnitQuantities:
    return UnitQuantities(tuple((name, of(quantity)) for name, quantity in of_each.items()))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Flat(of("99.00")), "flat 99"),
        (PerUnit(of("0.10")), "0.1 each"),
        (Graduated(TIERS), "graduated: to 10 10 each and 2, to 20 5 each and 3, above 1 each"),
        (Graduated(TIERS[2:], first_flat_without_usage=False), "graduated: above 1 each; nothing without usage"),
        (Volume(TIERS), "volume: to 10 10 each and 2, to 20 5 each and 3, above 1 each"),
        (Volume(TIERS[2:], first_flat_without_usage=False), "volume: above 1 each; nothing without usage"),
        (Package(size=of("1000"), price=of("5")), "5 a package of 1000, rounded up"),
        (
            Package(size=of("10"), price=of("5"), free_units=of("100"), rounding=PackageRounding.DOWN),
            "5 a package of 10, rounded down; 100 units free",
        ),
        (Stairstep(STEPS), "stairstep: to 10 20, above 50"),
        (Stairstep(STEPS, first_flat_without_usage=False), "stairstep: to 10 20, above 50; nothing without usage"),
        (BY_UNIT, "stairstep by unit: core to 5 and disk to 100 10, core above and disk above 30"),
        (
            StairstepByUnit(dimension="unit", steps=CORES_AND_DISKS[1:], first_flat_without_usage=False),
            "stairstep by unit: core above and disk above 30; nothing without usage",
        ),
        (GraduatedBlocks(BLOCKS), "graduated blocks: 2 blocks of 100 at 5, further blocks of 50 at 2"),
        (VolumeBlocks(BLOCKS), "volume blocks: 2 blocks of 100 at 5, further blocks of 50 at 2"),
        (
            GraduatedProrated(TIERS),
            "graduated, by share of the period: to 10 10 each and 2, to 20 5 each and 3, above 1 each",
        ),
        (
            GraduatedProrated(TIERS[2:], first_flat_without_usage=False),
            "graduated, by share of the period: above 1 each; nothing without usage",
        ),
        (TWO_PERCENT, "2 % of each transaction"),
        (
            Percentage(
                rate=of("0.02"),
                fixed_amount=of("0.30"),
                minimum=of("0.50"),
                maximum=of("10"),
                free_transactions=3,
                free_amount=of("5"),
            ),
            "2 % of each transaction, and 0.3, at least 0.5, at most 10, the first 3 free, the first amount of 5 free",
        ),
        (GraduatedPercentage(RATES), "graduated percentage: to 1000 2 % and 5, above 1 %"),
        (
            GraduatedPercentage(RATES[1:], first_flat_without_usage=False),
            "graduated percentage: above 1 %; nothing without usage",
        ),
        (Dynamic(of("1.20")), "amount x 1.2"),
        (PreRated(), "amount of the events"),
    ],
)
def test_a_price_reads(model: ChargeModel, words: str) -> None:
    assert str(model) == words


@pytest.mark.parametrize(
    ("model", "usage", "steps"),
    [
        (Flat(of("99")), of("3"), ["flat: 3 x 0 + 99 = 99"]),
        (PerUnit(of("0.5")), of("3"), ["per unit: 3 x 0.5 + 0 = 1.5"]),
        (Graduated(TIERS), of("15"), ["tier 1: to 10: 10 x 10 + 2 = 102", "tier 2: above 10 to 20: 5 x 5 + 3 = 28"]),
        (Graduated(TIERS[2:]), of("15"), ["tier 1: 15 x 1 + 0 = 15"]),
        (Graduated(TIERS), of("0"), ["tier 1: to 10: 0 x 10 + 2 = 2"]),
        (Graduated(TIERS, first_flat_without_usage=False), of("0"), ["tier 1: to 10: 0 x 10 + 0 = 0"]),
        (Graduated(TIERS, first_flat_without_usage=False), of("1"), ["tier 1: to 10: 1 x 10 + 2 = 12"]),
        (Volume(TIERS), of("15"), ["all units in tier 2: above 10 to 20: 15 x 5 + 3 = 78"]),
        (Volume(TIERS[2:]), of("10"), ["all units in tier 1: 10 x 1 + 0 = 10"]),
        (Volume(TIERS), of("10"), ["all units in tier 1: to 10: 10 x 10 + 2 = 102"]),
        (
            Volume(TIERS, first_flat_without_usage=False),
            of("1"),
            ["all units in tier 1: to 10: 1 x 10 + 2 = 12"],
        ),
        (Volume(TIERS), of("0"), ["all units in tier 1: to 10: 0 x 10 + 2 = 2"]),
        (Volume(TIERS, first_flat_without_usage=False), of("0"), ["all units in tier 1: to 10: 0 x 10 + 0 = 0"]),
        (
            PACKAGES,
            of("2150"),
            ["free units: 100 x 0 + 0 = 0", "packages of 1000 begun by 2050 units: 3 x 5 + 0 = 15"],
        ),
        (PACKAGES, of("60"), ["free units: 60 x 0 + 0 = 0", "packages of 1000 begun by 0 units: 0 x 5 + 0 = 0"]),
        (
            Package(size=of("1000"), price=of("5"), rounding=PackageRounding.DOWN),
            of("2150"),
            ["packages of 1000 filled by 2150 units: 2 x 5 + 0 = 10"],
        ),
        (
            Package(size=of("1000"), price=of("5")),
            of("2000"),
            ["packages of 1000 begun by 2000 units: 2 x 5 + 0 = 10"],
        ),
        (Stairstep(STEPS), of("11"), ["step 2: above 10: 11 x 0 + 50 = 50"]),
        (Stairstep(STEPS, first_flat_without_usage=False), of("1"), ["step 1: to 10: 1 x 0 + 20 = 20"]),
        (Stairstep(STEPS), of("0"), ["step 1: to 10: 0 x 0 + 20 = 20"]),
        (Stairstep(STEPS, first_flat_without_usage=False), of("0"), ["step 1: to 10: 0 x 0 + 0 = 0"]),
        (
            BY_UNIT,
            units(core="3", disk="150"),
            [
                "core reaches step 1: 3 x 0 + 0 = 0",
                "disk reaches step 2: 150 x 0 + 0 = 0",
                "step 2: 0 x 0 + 30 = 30",
            ],
        ),
        (
            BY_UNIT,
            units(core="6", disk="1"),
            [
                "core reaches step 2: 6 x 0 + 0 = 0",
                "disk reaches step 1: 1 x 0 + 0 = 0",
                "step 2: 0 x 0 + 30 = 30",
            ],
        ),
        (BY_UNIT, UnitQuantities(), ["step 1: 0 x 0 + 10 = 10"]),
        (
            StairstepByUnit(dimension="unit", steps=CORES_AND_DISKS, first_flat_without_usage=False),
            units(core="0"),
            ["core reaches step 1: 0 x 0 + 0 = 0", "step 1: 0 x 0 + 0 = 0"],
        ),
        (
            GraduatedBlocks(BLOCKS),
            of("270"),
            [
                "tier 1: to 200, blocks of 100 begun by 200 units: 2 x 5 + 0 = 10",
                "tier 2: above 200, blocks of 50 begun by 70 units: 2 x 2 + 0 = 4",
            ],
        ),
        (
            VolumeBlocks(BLOCKS),
            of("270"),
            ["all units in tier 2: above 200, blocks of 50 begun by 270 units: 6 x 2 + 0 = 12"],
        ),
        (
            GraduatedProrated(TIERS),
            levels(("10", "1"), ("4", "1/2"), ("-2", "1/4")),
            [
                "tier 1: to 10, by share of the period: 10 x 10 + 2 = 102",
                "tier 2: above 10 to 20, by share of the period: 1.5 x 5 + 3 = 10.5",
            ],
        ),
        (
            GraduatedProrated(TIERS[:2]),
            levels(("5", "1/2")),
            ["tier 1: to 10, by share of the period: 2.5 x 10 + 2 = 27"],
        ),
        (GraduatedProrated(TIERS), levels(), ["tier 1: to 10, by share of the period: 0 x 10 + 2 = 2"]),
        (
            GraduatedProrated(TIERS, first_flat_without_usage=False),
            levels(),
            ["tier 1: to 10, by share of the period: 0 x 10 + 0 = 0"],
        ),
        (TWO_PERCENT, payments(), ["2 % of 0 transactions: 0 x 0.02 + 0 = 0"]),
        (
            Percentage(rate=of("0.02"), fixed_amount=of("0.30")),
            payments("100", "50"),
            ["2 % of 2 transactions: 150 x 0.02 + 0 = 3", "fixed amount of each of these: 2 x 0.3 + 0 = 0.6"],
        ),
        (
            Percentage(rate=of("0.02"), free_transactions=1),
            payments("40", "999"),
            ["free, of 1 transaction: 40 x 0 + 0 = 0", "2 % of 1 transaction: 999 x 0.02 + 0 = 19.98"],
        ),
        (Percentage(rate=of("0.02"), free_transactions=1), payments("40"), ["free, of 1 transaction: 40 x 0 + 0 = 0"]),
        (
            Percentage(rate=of("0.02"), free_amount=of("100")),
            payments("60", "60", "50"),
            ["free, of 2 transactions: 100 x 0 + 0 = 0", "2 % of 2 transactions: 70 x 0.02 + 0 = 1.4"],
        ),
        (
            Percentage(rate=of("0.02"), free_amount=of("100"), free_transactions=1),
            payments("60", "60", "50"),
            ["free, of 1 transaction: 60 x 0 + 0 = 0", "2 % of 2 transactions: 110 x 0.02 + 0 = 2.2"],
        ),
        (
            Percentage(rate=of("0.02"), minimum=of("0.50"), maximum=of("10")),
            payments("1", "25", "500", "501", "7000"),
            [
                "2 % of 2 transactions: 525 x 0.02 + 0 = 10.5",
                "at least 0.5 for each of 1 transaction, 1 in all: 1 x 0.5 + 0 = 0.5",
                "at most 10 for each of 2 transactions, 7501 in all: 2 x 10 + 0 = 20",
            ],
        ),
        (
            Percentage(rate=of("0.02"), minimum=of("0.50"), maximum=of("10")),
            payments("100"),
            ["2 % of 1 transaction: 100 x 0.02 + 0 = 2"],
        ),
        (
            Percentage(rate=of("0.02"), fixed_amount=of("0.49"), minimum=of("0.50")),
            payments("0.4"),
            ["at least 0.5 for each of 1 transaction, 0.4 in all: 1 x 0.5 + 0 = 0.5"],
        ),
        (
            GraduatedPercentage(RATES),
            of("1500"),
            ["tier 1: to 1000: 1000 x 0.02 + 5 = 25", "tier 2: above 1000: 500 x 0.01 + 0 = 5"],
        ),
        (GraduatedPercentage(RATES), of("0"), ["tier 1: to 1000: 0 x 0.02 + 5 = 5"]),
        (
            GraduatedPercentage(RATES, first_flat_without_usage=False),
            of("0"),
            ["tier 1: to 1000: 0 x 0.02 + 0 = 0"],
        ),
        (Dynamic(of("1.20")), of("10"), ["amount of the events, times a factor: 10 x 1.2 + 0 = 12"]),
        (PreRated(), of("10"), ["amount of the events: 10 x 1 + 0 = 10"]),
    ],
)
def test_each_step_of_a_price_is_told(model: ChargeModel, usage: ChargedUsage, steps: list[str]) -> None:
    parts = rate(usage=usage, model=model)

    assert [
        f"{one.label}: {plain(one.quantity)} x {plain(one.unit_price)} + {plain(one.flat_amount)} = {plain(one.amount)}"
        for one in parts
    ] == steps
    assert exact_sum(one.units for one in parts) == quantity_of_usage(usage)


def test_what_takes_no_units_of_its_own_is_told_beside_what_does() -> None:
    """The fixed amounts of two payments are no money that was paid, nor are packages the units in them."""
    with_fixed = rate(usage=payments("100", "50"), model=Percentage(rate=of("0.02"), fixed_amount=of("1")))
    packaged = rate(usage=of("2150"), model=PACKAGES)

    assert [part.units for part in with_fixed] == [of("150"), of("0")]
    assert [part.units for part in packaged] == [of("100"), of("2050")]


@pytest.mark.parametrize(
    ("model", "usage", "message"),
    [
        (Graduated(TIERS[:2]), of("20.5"), "no tier takes the units of 20.5 above 20"),
        (Volume(TIERS[:1]), of("11"), "no tier takes the units of 11 above 10"),
        (Stairstep(STEPS[:1]), of("1E+3"), "no tier takes the units of 1000 above 10"),
        (VolumeBlocks(BLOCKS[:1]), of("201"), "no tier takes the units of 201 above 200"),
        (GraduatedPercentage(RATES[:1]), of("1001"), "no tier takes the units of 1001 above 1000"),
    ],
)
def test_what_no_tier_takes_is_refused_with_its_limit(model: ChargeModel, usage: Decimal, message: str) -> None:
    with pytest.raises(QuantityBeyondTiersError) as refused:
        rate(usage=usage, model=model)

    assert str(refused.value) == message


def test_a_kind_of_unit_that_no_step_names_is_refused_by_its_name() -> None:
    with pytest.raises(QuantityBeyondTiersError, match=r"^no step names unit gpu$"):
        rate(usage=units(core="1", gpu="1"), model=BY_UNIT)


def test_a_level_that_was_once_above_all_tiers_is_refused_however_far_it_fell() -> None:
    with pytest.raises(QuantityBeyondTiersError, match="no tier takes the units of 11 above 10"):
        rate(usage=levels(("11", "1"), ("-5", "1/2")), model=GraduatedProrated(TIERS[:1]))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (TWO_PERCENT, "Percentage rates Transactions, not Decimal"),
        (GraduatedProrated(TIERS), "GraduatedProrated rates LevelChanges, not Decimal"),
        (BY_UNIT, "StairstepByUnit rates UnitQuantities, not Decimal"),
    ],
)
def test_a_bare_quantity_does_not_fit_a_model_that_needs_more(model: ChargeModel, message: str) -> None:
    with pytest.raises(UsageDoesNotFitError) as refused:
        rate(usage=of("5"), model=model)

    assert str(refused.value) == message


def test_graduated_amounts_are_known_without_their_steps() -> None:
    not_without_usage = Graduated(TIERS, first_flat_without_usage=False)
    percentages = GraduatedPercentage(RATES)

    assert [amount_of(usage=of(one), model=Graduated(TIERS)) for one in ("0", "10", "15", "30")] == [2, 102, 130, 165]
    assert [amount_of(usage=of(one), model=not_without_usage) for one in ("0", "10")] == [0, 102]
    assert [amount_of(usage=of(one), model=percentages) for one in ("0", "1500")] == [5, 30]
    with pytest.raises(QuantityBeyondTiersError, match="of 21 above 20"):
        amount_of(usage=of("21"), model=Graduated(TIERS[:2]))


def test_no_digit_is_lost_between_the_greatest_level_and_the_least_change() -> None:
    greatest, least = "999999999999999", "0.000000000000000001"
    one_tier_each = GraduatedProrated((Tier(of(greatest), of("0")), Tier(None, of("1"))))
    blocks = tuple(BlockTier(of("1"), of(size), of("1")) for size in (greatest, least))

    assert [part.amount for part in rate(usage=levels((greatest, "1"), (least, "1")), model=one_tier_each)] == [
        0,
        of(least),
    ]
    with pytest.raises(QuantityBeyondTiersError, match=r"above 999999999999999\.000000000000000001$"):
        rate(usage=of("1E+15"), model=VolumeBlocks(blocks))


def test_a_percentage_is_told_to_its_last_digit() -> None:
    assert percent(of("0.012345678901234567890123456789012345")) == "1.2345678901234567890123456789012345 %"


@pytest.mark.parametrize(
    ("usage", "nothing"),
    [
        (of("0"), True),
        (of("0.1"), False),
        (Transactions(), True),
        (payments("0"), False),
        (levels(), True),
        (levels(("1", "1/2")), False),
        (units(core="0"), True),
    ],
)
def test_payments_of_nothing_are_usage_and_a_quantity_of_nothing_is_none(usage: ChargedUsage, *, nothing: bool) -> None:
    assert is_nothing(usage) is nothing
