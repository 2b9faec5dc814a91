"""The payment terms of a contract: net days are `payment_terms_days`, the two others are written as `payment_terms`."""

from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.catalog.values import CatalogModel
from shared.domain.master_data.payment_terms import DayOfNextMonth, DaysAfterMonthEnd, NetDays, PaymentTerms

DEFAULT_DAYS = 30
LONGEST_DAYS = 365
_LAST_DAY = 31


class PaymentTermsEntry(CatalogModel):
    days_after_month_end: int | None = Field(default=None, ge=0, le=LONGEST_DAYS)
    day_of_next_month: int | None = Field(default=None, ge=1, le=_LAST_DAY)

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if (self.days_after_month_end is None) == (self.day_of_next_month is None):
            raise PydanticCustomError("INVALID_VALUE", "either days_after_month_end or day_of_next_month is needed")
        return self

    def to_domain(self) -> PaymentTerms:
        if self.day_of_next_month is not None:
            return DayOfNextMonth(self.day_of_next_month)
        assert self.days_after_month_end is not None
        return DaysAfterMonthEnd(self.days_after_month_end)


def terms_of(net_days: int | None, other: PaymentTermsEntry | None) -> PaymentTerms:
    """Return the terms that a contract has by the two keys, of which it has one at most; 30 days net by default."""
    if other is not None:
        return other.to_domain()
    return NetDays(DEFAULT_DAYS if net_days is None else net_days)


def written(terms: PaymentTerms) -> tuple[int | None, PaymentTermsEntry | None]:
    """Return the two keys as terms_of reads them."""
    match terms:
        case NetDays(days=days):
            return days, None
        case DaysAfterMonthEnd(days=days):
            return None, PaymentTermsEntry(days_after_month_end=days)
        case DayOfNextMonth(day=day):
            return None, PaymentTermsEntry(day_of_next_month=day)
