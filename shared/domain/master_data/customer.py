"""Customers, and what changes about them over time: the names producers use, who pays for them, where they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from shared.domain.identifiers import CustomerId
from shared.domain.master_data.party import NO_BUYER_DETAILS, BuyerDetails
from shared.domain.time_period import Period

SINCE_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS = Period(SINCE_ALWAYS, None)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Dated(Generic[Value]):
    """A value for as long as it holds (half-open, UTC, on window edges)."""

    value: Value
    valid: Period


def value_at(values: Iterable[Dated[Value]], instant: datetime) -> Value | None:
    """Return the value that holds at an instant; None when none does."""
    return next((dated.value for dated in values if instant in dated.valid), None)


@dataclass(frozen=True, slots=True)
class Parent:
    """The customer above a customer. One that `pays` is billed for the usage, by its own contracts."""

    customer_id: CustomerId
    pays: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who uses, and is billed unless a parent pays. `known_as` are the names producers use for it, its own id always.

    At any time a name belongs to one customer, and a customer has at most one parent and one region.
    """

    customer_id: CustomerId
    name: str
    country: str  # ISO 3166 alpha-2, decides tax
    time_zone: ZoneInfo  # cuts its billing periods
    known_as: tuple[Dated[str], ...]
    parents: tuple[Dated[Parent], ...] = ()
    regions: tuple[Dated[str], ...] = ()
    tax_id: str = ""
    email: str = ""
    details: BuyerDetails = NO_BUYER_DETAILS

    @property
    def subjects(self) -> tuple[str, ...]:
        """All names that it ever goes by."""
        return tuple(dict.fromkeys(name.value for name in self.known_as))
