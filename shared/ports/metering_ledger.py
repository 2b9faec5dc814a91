"""The ledger's logs as those see them who write: slots that are taken once, and reads that miss nothing."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from shared.domain.metering.slot import Content, Log, NumberedSlot
from shared.domain.metering.usage_place import LateSlot
from shared.domain.time_period import Period


class MeteringLedger(Protocol):
    def put(self, log: Log, number: int, content: Content) -> bool:
        """Take a free slot with its content, atomically. False: the slot is taken, perhaps by this very call.

        When it raises, nobody knows; reading the tail tells.
        """

    def tail(self, log: Log, after: int) -> tuple[NumberedSlot, ...]:
        """Return every slot with a greater number, in order, including what was put an instant ago."""

    def late_slots(self, version: int, group: int, period: Period) -> Iterator[LateSlot]:
        """Yield the late slots of a group, of slices that start inside the period, in order of slice and number."""


class SliceRegister(Protocol):
    def open_slice(self, slice_start: datetime) -> bool:
        """Make sure that closing will come to a slice before its first append. Instants are UTC.

        False: closing has begun with a later slice and never comes back; what the slice gets is late.
        """
