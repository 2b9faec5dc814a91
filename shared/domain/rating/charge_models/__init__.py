"""Charge models, one file each. A new model is a new file, a new member of ChargeModel, and a case in rate()."""

from typing import TypeAlias

from shared.domain.rating.charge_models.blocks import BlockTier
from shared.domain.rating.charge_models.dynamic import Dynamic
from shared.domain.rating.charge_models.flat import Flat
from shared.domain.rating.charge_models.graduated import Graduated
from shared.domain.rating.charge_models.graduated_blocks import GraduatedBlocks
from shared.domain.rating.charge_models.graduated_percentage import GraduatedPercentage, RateTier
from shared.domain.rating.charge_models.graduated_prorated import GraduatedProrated
from shared.domain.rating.charge_models.package import Package, PackageRounding
from shared.domain.rating.charge_models.per_unit import PerUnit
from shared.domain.rating.charge_models.percentage import Percentage
from shared.domain.rating.charge_models.pre_rated import PreRated
from shared.domain.rating.charge_models.stairstep import Stairstep, Step
from shared.domain.rating.charge_models.stairstep_by_unit import StairstepByUnit, UnitStep
from shared.domain.rating.charge_models.tiers import QuantityBeyondTiersError, Tier
from shared.domain.rating.charge_models.volume import Volume
from shared.domain.rating.charge_models.volume_blocks import VolumeBlocks

# The quantity is money that events carry, in a currency which must be the contract's.
MoneyModel: TypeAlias = Percentage | GraduatedPercentage | Dynamic | PreRated
ChargeModel: TypeAlias = (
    Flat
    | PerUnit
    | Graduated
    | Volume
    | Package
    | Stairstep
    | StairstepByUnit
    | GraduatedBlocks
    | VolumeBlocks
    | GraduatedProrated
    | MoneyModel
)

__all__ = [
    "BlockTier",
    "ChargeModel",
    "Dynamic",
    "Flat",
    "Graduated",
    "GraduatedBlocks",
    "GraduatedPercentage",
    "GraduatedProrated",
    "MoneyModel",
    "Package",
    "PackageRounding",
    "PerUnit",
    "Percentage",
    "PreRated",
    "QuantityBeyondTiersError",
    "RateTier",
    "Stairstep",
    "StairstepByUnit",
    "Step",
    "Tier",
    "UnitStep",
    "Volume",
    "VolumeBlocks",
]
