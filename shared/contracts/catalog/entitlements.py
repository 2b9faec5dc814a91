"""The entitlements of a plan in price_book.yaml: what may be used, and how much of it."""

from typing import Literal, Self, assert_never

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.catalog.values import Amount, CatalogModel, Id
from shared.domain.entitlement.entitlement import Entitlement, FeatureEntitlement, MeterEntitlement
from shared.domain.identifiers import MeterCode


class EntitlementEntry(CatalogModel):
    """One meter, with a limit and what happens beyond it or without a limit; or one feature."""

    meter: Id | None = None
    limit: Amount | None = None  # in a billing period, in the meter's unit
    overage: Literal["allowed", "refused"] | None = None
    feature: Id | None = None

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        if (self.meter is None) == (self.feature is None):
            raise PydanticCustomError("INVALID_VALUE", "an entitlement is of one meter or of one feature")
        if (self.limit is None) != (self.overage is None):
            raise PydanticCustomError("INVALID_VALUE", "limit and overage (allowed or refused) go together")
        if self.feature is not None and self.limit is not None:
            raise PydanticCustomError("INVALID_VALUE", "a feature has no limit: give it a meter to count")
        return self

    def to_domain(self) -> Entitlement:
        if self.feature is not None:
            return FeatureEntitlement(feature=self.feature)
        return MeterEntitlement(meter=MeterCode(self.meter or ""), limit=self.limit, overage=self.overage != "refused")

    @classmethod
    def of(cls, entitlement: Entitlement) -> "EntitlementEntry":
        match entitlement:
            case FeatureEntitlement(feature=feature):
                return cls(feature=feature)
            case MeterEntitlement(meter=meter, limit=None):
                return cls(meter=meter)
            case MeterEntitlement(meter=meter, limit=limit, overage=overage):
                return cls(meter=meter, limit=limit, overage="allowed" if overage else "refused")
            case _ as never:
                assert_never(never)
