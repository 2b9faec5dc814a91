"""Charge models, one file each. A new model is a new file, a new member of ChargeModel, and a case in rate()."""

from typing import TypeAlias

from shared.domain.rating.charge_models.flat import Flat
from shared.domain.rating.charge_models.graduated import Graduated, Tier
from shared.domain.rating.charge_models.per_unit import PerUnit

ChargeModel: TypeAlias = Flat | PerUnit | Graduated

__all__ = ["ChargeModel", "Flat", "Graduated", "PerUnit", "Tier"]
