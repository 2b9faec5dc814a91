"""The charge models of price_book.yaml: each has a key of its own, and a price has exactly one of them."""

from typing import Any, Final, Self, assert_never

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.catalog.values import Amount, CatalogModel, PositiveAmount, Rate, Text, Yes
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
    RateTier,
    Stairstep,
    StairstepByUnit,
    Step,
    Tier,
    UnitStep,
    Volume,
    VolumeBlocks,
)


class TierEntry(CatalogModel):
    up_to: Amount | None = None  # inclusive; the last tier goes without
    unit_price: Amount
    flat_amount: Amount = Amount(0)

    def to_domain(self) -> Tier:
        return Tier(self.up_to, self.unit_price, self.flat_amount)

    @classmethod
    def of(cls, tier: Tier) -> Self:
        return cls(up_to=tier.up_to, unit_price=tier.unit_price, flat_amount=tier.flat_amount)


class RateTierEntry(CatalogModel):
    up_to: Amount | None = None
    rate: Rate
    flat_amount: Amount = Amount(0)

    def to_domain(self) -> RateTier:
        return RateTier(self.up_to, self.rate, self.flat_amount)

    @classmethod
    def of(cls, tier: RateTier) -> Self:
        return cls(up_to=tier.up_to, rate=tier.rate, flat_amount=tier.flat_amount)


class StepEntry(CatalogModel):
    up_to: Amount | None = None
    amount: Amount

    def to_domain(self) -> Step:
        return Step(self.up_to, self.amount)

    @classmethod
    def of(cls, step: Step) -> Self:
        return cls(up_to=step.up_to, amount=step.amount)


class UnitStepEntry(CatalogModel):
    up_to: dict[Text, Amount] = Field(default_factory=dict)  # by kind of unit; the last step goes without
    amount: Amount


class StairstepByUnitEntry(CatalogModel):
    dimension: Text
    steps: tuple[UnitStepEntry, ...]

    def to_domain(self, *, first_is_due: bool) -> StairstepByUnit:
        units = sorted({unit for step in self.steps for unit in step.up_to})
        return StairstepByUnit(
            dimension=self.dimension,
            steps=tuple(UnitStep(tuple((u, step.up_to.get(u)) for u in units), step.amount) for step in self.steps),
            first_flat_without_usage=first_is_due,
        )

    @classmethod
    def of(cls, model: StairstepByUnit) -> Self:
        steps = (
            UnitStepEntry(up_to={unit: up_to for unit, up_to in step.up_to if up_to is not None}, amount=step.amount)
            for step in model.steps
        )
        return cls(dimension=model.dimension, steps=tuple(steps))


class PackageEntry(CatalogModel):
    size: PositiveAmount
    price: Amount
    free_units: Amount = Amount(0)
    rounding: PackageRounding = PackageRounding.UP

    def to_domain(self) -> Package:
        return Package(size=self.size, price=self.price, free_units=self.free_units, rounding=self.rounding)

    @classmethod
    def of(cls, model: Package) -> Self:
        return cls(size=model.size, price=model.price, free_units=model.free_units, rounding=model.rounding)


class BlockTierEntry(CatalogModel):
    blocks: PositiveAmount | None = None  # how many the tier itself holds; the last tier goes without
    block_size: PositiveAmount
    block_price: Amount

    def to_domain(self) -> BlockTier:
        return BlockTier(self.blocks, self.block_size, self.block_price)

    @classmethod
    def of(cls, tier: BlockTier) -> Self:
        return cls(blocks=tier.blocks, block_size=tier.block_size, block_price=tier.block_price)


class PercentageEntry(CatalogModel):
    rate: Rate
    fixed_amount: Amount = Amount(0)
    free_transactions: int | None = Field(default=None, ge=0)
    free_amount: Amount | None = None
    minimum: Amount | None = None
    maximum: Amount | None = None

    def to_domain(self) -> Percentage:
        return Percentage(
            rate=self.rate,
            fixed_amount=self.fixed_amount,
            free_transactions=self.free_transactions,
            free_amount=self.free_amount,
            minimum=self.minimum,
            maximum=self.maximum,
        )

    @classmethod
    def of(cls, model: Percentage) -> Self:
        return cls(
            rate=model.rate,
            fixed_amount=model.fixed_amount,
            free_transactions=model.free_transactions,
            free_amount=model.free_amount,
            minimum=model.minimum,
            maximum=model.maximum,
        )


_MODELS: Final = (
    "flat",
    "per_unit",
    "graduated",
    "volume",
    "package",
    "stairstep",
    "stairstep_by_unit",
    "graduated_blocks",
    "volume_blocks",
    "graduated_prorated",
    "percentage",
    "graduated_percentage",
    "dynamic",
    "pre_rated",
)
_WITH_A_FIRST_FLAT: Final = (
    "graduated",
    "volume",
    "stairstep",
    "stairstep_by_unit",
    "graduated_prorated",
    "graduated_percentage",
)


class PriceModelEntry(CatalogModel):
    """Exactly one charge model. `first_flat_without_usage` is left out where it is as usual: due."""

    flat: Amount | None = None
    per_unit: Amount | None = None
    graduated: tuple[TierEntry, ...] | None = None
    volume: tuple[TierEntry, ...] | None = None
    package: PackageEntry | None = None
    stairstep: tuple[StepEntry, ...] | None = None
    stairstep_by_unit: StairstepByUnitEntry | None = None
    graduated_blocks: tuple[BlockTierEntry, ...] | None = None
    volume_blocks: tuple[BlockTierEntry, ...] | None = None
    graduated_prorated: tuple[TierEntry, ...] | None = None
    percentage: PercentageEntry | None = None
    graduated_percentage: tuple[RateTierEntry, ...] | None = None
    dynamic: Amount | None = None
    pre_rated: Yes | None = None
    first_flat_without_usage: bool | None = None

    @model_validator(mode="after")
    def _has_one_model(self) -> Self:
        named = [name for name in _MODELS if getattr(self, name) is not None]
        if len(named) != 1:
            of_which = f"{', '.join(_MODELS[:-1])} and {_MODELS[-1]}"
            raise PydanticCustomError("INVALID_VALUE", "a price has exactly one of {models}", {"models": of_which})
        if self.first_flat_without_usage is not None and named[0] not in _WITH_A_FIRST_FLAT:
            message = "{model} has no first tier: first_flat_without_usage says nothing about it"
            raise PydanticCustomError("INVALID_VALUE", message, {"model": named[0]})
        return self

    def model(self) -> ChargeModel:  # noqa: C901, PLR0911, PLR0912 - one for each model
        due = self.first_flat_without_usage is not False
        if self.flat is not None:
            return Flat(self.flat)
        if self.per_unit is not None:
            return PerUnit(self.per_unit)
        if self.graduated is not None:
            return Graduated(tuple(tier.to_domain() for tier in self.graduated), due)
        if self.volume is not None:
            return Volume(tuple(tier.to_domain() for tier in self.volume), due)
        if self.package is not None:
            return self.package.to_domain()
        if self.stairstep is not None:
            return Stairstep(tuple(step.to_domain() for step in self.stairstep), due)
        if self.stairstep_by_unit is not None:
            return self.stairstep_by_unit.to_domain(first_is_due=due)
        if self.graduated_blocks is not None:
            return GraduatedBlocks(tuple(tier.to_domain() for tier in self.graduated_blocks))
        if self.volume_blocks is not None:
            return VolumeBlocks(tuple(tier.to_domain() for tier in self.volume_blocks))
        if self.graduated_prorated is not None:
            return GraduatedProrated(tuple(tier.to_domain() for tier in self.graduated_prorated), due)
        if self.percentage is not None:
            return self.percentage.to_domain()
        if self.graduated_percentage is not None:
            return GraduatedPercentage(tuple(tier.to_domain() for tier in self.graduated_percentage), due)
        if self.dynamic is not None:
            return Dynamic(self.dynamic)
        return PreRated()


def entry_of(model: ChargeModel) -> dict[str, Any]:  # noqa: C901, PLR0911, PLR0912 - one for each model
    """Return the members of a price entry that say a charge model."""
    match model:
        case Flat(amount):
            return {"flat": amount}
        case PerUnit(unit_price):
            return {"per_unit": unit_price}
        case Graduated(tiers, due):
            return {"graduated": [TierEntry.of(tier) for tier in tiers], **_first_flat(due)}
        case Volume(tiers, due):
            return {"volume": [TierEntry.of(tier) for tier in tiers], **_first_flat(due)}
        case Package():
            return {"package": PackageEntry.of(model)}
        case Stairstep(steps, due):
            return {"stairstep": [StepEntry.of(step) for step in steps], **_first_flat(due)}
        case StairstepByUnit(first_flat_without_usage=due):
            return {"stairstep_by_unit": StairstepByUnitEntry.of(model), **_first_flat(due)}
        case GraduatedBlocks(blocks):
            return {"graduated_blocks": [BlockTierEntry.of(tier) for tier in blocks]}
        case VolumeBlocks(blocks):
            return {"volume_blocks": [BlockTierEntry.of(tier) for tier in blocks]}
        case GraduatedProrated(tiers, due):
            return {"graduated_prorated": [TierEntry.of(tier) for tier in tiers], **_first_flat(due)}
        case Percentage():
            return {"percentage": PercentageEntry.of(model)}
        case GraduatedPercentage(rates, due):
            return {"graduated_percentage": [RateTierEntry.of(tier) for tier in rates], **_first_flat(due)}
        case Dynamic(multiplier):
            return {"dynamic": multiplier}
        case PreRated():
            return {"pre_rated": True}
        case _ as never:
            assert_never(never)


def _first_flat(due: bool) -> dict[str, bool]:  # noqa: FBT001 - read from a pattern
    return {} if due else {"first_flat_without_usage": False}
