"""Windows to which usage came late, so that what some invoices have read of them can be told from what is there now."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shared.domain.metering.aggregate import AggregateState, WindowUsage, merge, settled
from shared.domain.metering.reading import LateUsage, SlotsRead


@dataclass(frozen=True, slots=True)
class LateWindow:
    """What one bucket holds of one window: before its seal, and in the slots of its late log in their order."""

    sealed: tuple[WindowUsage, ...]
    late: tuple[LateUsage, ...]


def state_of(window: Iterable[LateWindow], *, read: Callable[[SlotsRead], bool]) -> AggregateState | None:
    """Return what all buckets of a window come to with those late slots that are `read`; None if that is nothing."""
    states = [
        usage.state
        for bucket in window
        for usage in settled([*bucket.sealed, *(one.usage for one in bucket.late if read(one.place))])
    ]
    return merge(*states) if states else None
