"""Closing: which slices are due to be sealed, and what is remembered from one run to the next."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage, settled
from shared.domain.metering.layout import BucketLayout, Slice
from shared.domain.metering.watermark import Barrier
from shared.domain.time_period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingState:
    """How far closing has come. All instants are UTC.

    Every slice from `first_slice` to `sealed_through` is sealed; whatever lies before the first one is late by
    definition. `overdue` is the slice that is reported as incomplete until it is sealed.
    """

    first_slice: datetime | None = None
    sealed_through: datetime | None = None
    barrier: Barrier = field(default_factory=Barrier)
    overdue: datetime | None = None


def newest_due_slice(layout: BucketLayout, *, passed: datetime, grace: timedelta) -> datetime:
    """Return the start of the last slice whose end plus grace had come by an instant (UTC)."""
    latest_end = passed - grace
    start = layout.first_slice(Period(latest_end, None))
    return layout.first_slice(Period(start - timedelta(microseconds=1), None))


def slices_due(layout: BucketLayout, *, start: datetime, passed: datetime, grace: timedelta) -> list[Slice]:
    """Return the slices from `start` on whose end plus grace had come by an instant (UTC), oldest first."""
    latest_end = passed - grace
    if latest_end <= start:
        return []
    return [found for found in layout.slices(Period(start, latest_end)) if found.end <= latest_end]


def usage_by_customer(windows: Iterable[WindowUsage]) -> dict[CustomerId, tuple[WindowUsage, ...]]:
    """Settle the windows of a sealed bucket, in the order of its slots, and sort them by who pays."""
    by_customer: dict[CustomerId, list[WindowUsage]] = {}
    for usage in settled(windows):
        by_customer.setdefault(usage.key.customer_id, []).append(usage)
    return {customer_id: tuple(members) for customer_id, members in sorted(by_customer.items())}
