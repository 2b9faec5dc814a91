"""What closing leaves behind, held against the logs themselves when a history has come to rest."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage, settled
from shared.domain.metering.layout import Bucket, BucketLayout
from shared.domain.metering.slot import Log, Seal, UsageSlot
from shared.domain.time_period import Period
from tests.simulation.metering.stores import Stores


@dataclass(frozen=True, slots=True)
class SealedBuckets:
    """The buckets that a tenant's closing has sealed, by its own word and by the logs."""

    stores: Stores
    layout: BucketLayout

    def claimed(self) -> set[Bucket]:
        """Return every bucket of every slice that closing says is sealed."""
        state = self.stores.closing.state()
        if state.first_slice is None or state.sealed_through is None:
            return set()
        slices = self.layout.slices(Period(state.first_slice, state.sealed_through))
        return {bucket for found in slices for bucket in found.buckets}

    def sealed(self) -> set[Bucket]:
        return {log.bucket for log, slots in self.stores.ledger.slots.items() if isinstance(slots[len(slots)], Seal)}

    def begun(self) -> set[Bucket]:
        """Return the buckets in whose base logs anything was counted."""
        logs = self.stores.ledger.slots.items()
        return {log.bucket for log, slots in logs if not log.late and isinstance(slots[1], UsageSlot)}

    def snapshots(self) -> Mapping[tuple[CustomerId, Bucket], set[WindowUsage]]:
        """Return what is snapshot of each customer and bucket."""
        written = self.stores.snapshots._snapshots
        return {place: set(settled(windows)) for place, (_, windows) in written.items() if settled(windows)}

    def counted(self) -> Mapping[tuple[CustomerId, Bucket], set[WindowUsage]]:
        """Return what the base logs of sealed buckets come to, by customer."""
        found: defaultdict[tuple[CustomerId, Bucket], set[WindowUsage]] = defaultdict(set)
        for bucket in self.sealed():
            for usage in settled(_windows(bucket, list(self.stores.ledger.slots[Log(bucket)].values()))):
                found[usage.key.customer_id, bucket].add(usage)
        return dict(found)


def _windows(bucket: Bucket, slots: Sequence[object]) -> Iterator[WindowUsage]:
    for slot in slots:
        if isinstance(slot, UsageSlot):
            yield from slot.windows(bucket.slice_start)
