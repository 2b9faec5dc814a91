"""Slots: what one conditional put appends to a bucket's log, ids and sums together or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.layout import Bucket
from shared.domain.metering.packing import unpack_windows

FINGERPRINT_BYTES = 16


class LogHasGapError(RuntimeError):
    """A slot is missing from a log whose later slots are there: it expired, was lost, or the read was not complete."""


@dataclass(frozen=True, slots=True, order=True)
class Log:
    """A bucket's base log, which a seal ends, or its late log, which takes what comes after the seal."""

    bucket: Bucket
    late: bool = False


@dataclass(frozen=True, slots=True)
class UsageSlot:
    """What one append counted: the fingerprints of its events (16 bytes each) and their windows, packed.

    `deliveries` names the first and the last delivery in it, for those who look for one; `arrived_at` (UTC) is when
    the batch that brought them was complete on the stream. `voids` are fingerprints that earlier slots of the bucket
    counted, and that no longer count: `packed_windows` takes them back.
    """

    fingerprints: bytes
    packed_windows: bytes
    deliveries: str
    arrived_at: datetime
    voids: bytes = b""

    @property
    def events(self) -> int:
        return len(self.fingerprints) // FINGERPRINT_BYTES

    @property
    def size_bytes(self) -> int:
        return len(self.fingerprints) + len(self.packed_windows) + len(self.voids)

    @property
    def counts(self) -> tuple[bytes, ...]:
        """Return the fingerprints that it counts, 16 bytes each."""
        return _each(self.fingerprints)

    @property
    def takes_back(self) -> tuple[bytes, ...]:
        """Return the fingerprints that it voids."""
        return _each(self.voids)

    def windows(self, slice_start: datetime) -> tuple[WindowUsage, ...]:
        return unpack_windows(self.packed_windows, slice_start)


def _each(fingerprints: bytes) -> tuple[bytes, ...]:
    places = range(0, len(fingerprints), FINGERPRINT_BYTES)
    return tuple(fingerprints[place : place + FINGERPRINT_BYTES] for place in places)


@dataclass(frozen=True, slots=True)
class Seal:
    """The end of a base log. It takes a slot like any append, so every event is before it or after it."""


Content: TypeAlias = UsageSlot | Seal


@dataclass(frozen=True, slots=True)
class NumberedSlot:
    """A slot where it stands in its log. Numbers start at 1 and have no gaps."""

    number: int
    content: Content


def require_unbroken(slots: Sequence[NumberedSlot], *, after: int) -> None:
    """Raise LogHasGapError unless the slots follow the given number without a gap."""
    for expected, slot in enumerate(slots, after + 1):
        if slot.number != expected:
            raise LogHasGapError(f"slot {slot.number} follows slot {expected - 1}")
