"""Sealed usage, sorted by customer: written when a bucket is sealed, read when a customer is billed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.layout import Bucket
from shared.domain.metering.reading import SlotsRead
from shared.domain.time_period import Period


class UsageSnapshots(Protocol):
    def write(self, bucket: Bucket, seal: int, usage: Mapping[CustomerId, Sequence[WindowUsage]]) -> None:
        """Store what each customer used in a sealed bucket; `seal` is the slot of its seal. Again changes nothing."""

    def read(self, customer_id: CustomerId, slices: Period) -> Iterator[tuple[SlotsRead, tuple[WindowUsage, ...]]]:
        """Yield seal and windows of every snapshot of slices that start in the period; a bucket may come in parts."""
