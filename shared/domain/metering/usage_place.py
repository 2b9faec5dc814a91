"""Places in the ledger, for those who look from outside: auditors, late usage, a conflict."""

from dataclasses import dataclass

from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.layout import Bucket
from shared.domain.metering.reading import SlotsRead
from shared.domain.metering.slot import UsageSlot


@dataclass(frozen=True, slots=True)
class LateSlot:
    """One slot of a late log."""

    bucket: Bucket
    number: int
    slot: UsageSlot

    @property
    def place(self) -> SlotsRead:
        return slots_read(self.bucket, self.number)

    def windows(self) -> tuple[WindowUsage, ...]:
        return self.slot.windows(self.bucket.slice_start)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePlace:
    """Where an event was counted. `deliveries` names the first and the last delivery of the slot."""

    bucket: Bucket
    slot: int
    late: bool
    deliveries: str


def slots_read(bucket: Bucket, last_slot: int) -> SlotsRead:
    return SlotsRead(
        layout_version=bucket.version, group=bucket.group, slice_start=bucket.slice_start, last_slot=last_slot
    )
