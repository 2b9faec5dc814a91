"""What a reader keeps of the ledger between two reads: a log never changes up to its last slot, only tails are new."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage, merge_windows
from shared.domain.metering.layout import Bucket
from shared.domain.metering.slot import NumberedSlot, UsageSlot, require_unbroken


class KnownLog:
    """The usage in slots 1 to `last` of one log, of every customer: the next question is of another one."""

    def __init__(self) -> None:
        self.last = 0
        self.size = 1
        self._by_customer: dict[CustomerId, tuple[WindowUsage, ...]] = {}

    def absorb(self, slots: Sequence[NumberedSlot], slice_start: datetime) -> None:
        """Take in the slots that follow the last one known; raise LogHasGapError if one is missing."""
        require_unbroken(slots, after=self.last)
        new: dict[CustomerId, list[WindowUsage]] = {}
        for slot in slots:
            if isinstance(slot.content, UsageSlot):
                for usage in slot.content.windows(slice_start):
                    new.setdefault(usage.key.customer_id, []).append(usage)
        for customer_id, windows in new.items():
            self._replace(customer_id, [*self.of(customer_id), *windows])
        self.last += len(slots)

    def of(self, customer_id: CustomerId) -> tuple[WindowUsage, ...]:
        return self._by_customer.get(customer_id, ())

    def _replace(self, customer_id: CustomerId, windows: Iterable[WindowUsage]) -> None:
        merged = merge_windows(windows)
        self.size += len(merged) - len(self.of(customer_id))
        self._by_customer[customer_id] = merged


@dataclass(slots=True)
class KnownSnapshots:
    """The snapshots of one customer from some slice up to those that start at `until` (UTC), by bucket."""

    until: datetime
    by_bucket: dict[Bucket, list[WindowUsage]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return 1 + sum(map(len, self.by_bucket.values()))


class _Sized(Protocol):
    @property
    def size(self) -> int: ...


_Kept = TypeVar("_Kept", bound=_Sized)


class Memory(Generic[_Kept]):
    """Things by key, least recently used first out, bounded by their sizes together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def recall(self, key: Hashable, otherwise: Callable[[], _Kept]) -> _Kept:
        """Return what is kept under a key; if nothing is, keep what `otherwise` makes."""
        if key not in self._kept:
            self._kept[key] = otherwise()
        self._kept.move_to_end(key)
        return self._kept[key]

    def trim(self) -> None:
        """Let go of the oldest until the rest fits. Between reads only: what is in use must not be lost."""
        size = sum(kept.size for kept in self._kept.values())
        while self._kept and size > self._most:
            _, oldest = self._kept.popitem(last=False)
            size -= oldest.size
