"""When a price begins, counted from the start of a contract or of a subscription."""

from typing import Annotated, Self, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.catalog.values import CatalogModel
from shared.domain.master_data.price_phase import CountedFrom, PhaseUnit, PricePhase

_Number: TypeAlias = Annotated[int, Field(ge=1, le=1200)]


class PhaseEntry(CatalogModel):
    months: _Number | None = None
    billing_periods: _Number | None = None
    of: CountedFrom = CountedFrom.CONTRACT

    @model_validator(mode="after")
    def _counts_one_thing(self) -> Self:
        if (self.months is None) == (self.billing_periods is None):
            raise PydanticCustomError("INVALID_VALUE", "it begins after a number of months or of billing_periods")
        return self

    def to_domain(self) -> PricePhase:
        if self.months is not None:
            return PricePhase(after=self.months, unit=PhaseUnit.MONTHS, counted_from=self.of)
        assert self.billing_periods is not None, "it counts one of the two"
        return PricePhase(after=self.billing_periods, unit=PhaseUnit.BILLING_PERIODS, counted_from=self.of)

    @classmethod
    def of_phase(cls, phase: PricePhase | None) -> Self | None:
        return None if phase is None else cls.model_validate({phase.unit.value: phase.after, "of": phase.counted_from})
