"""What a plan says may be used, beside what it costs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from shared.domain.identifiers import MeterCode


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterEntitlement:
    """Use of a meter up to `limit` a billing period, in the meter's unit; None is without limit.

    With `overage` more may be used, at the plan's price.
    """

    meter: MeterCode
    limit: Decimal | None
    overage: bool

    @property
    def name(self) -> str:
        return self.meter


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureEntitlement:
    """Use of something that is not measured, e.g. single sign-on."""

    feature: str

    @property
    def name(self) -> str:
        return self.feature


Entitlement: TypeAlias = MeterEntitlement | FeatureEntitlement
