"""What an invoice has read from the ledger, and the immutable manifest that says so."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.carried import CarriedLevel
from shared.domain.metering.levels import Level
from shared.domain.time_period import format_instant


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class SlotsRead:
    """One log of one bucket, read up to and including `last_slot`. `slice_start` is UTC."""

    layout_version: int
    group: int
    slice_start: datetime
    last_slot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageManifest:
    """Which slots a rating read. A re-run with the same manifest reads the same usage, so it changes nothing.

    `sealed` names the seal of each bucket that held usage of the customer, `late` the last slot read of each late
    log. What lies beyond is for a later invoice. `opening` are the levels that carried into the period. `digest` is the
    hash of all three.
    """

    sealed: tuple[SlotsRead, ...]
    late: tuple[SlotsRead, ...]
    digest: str
    opening: tuple[CarriedLevel, ...] = ()

    def opened_with(self, opening: Iterable[CarriedLevel]) -> "UsageManifest":
        """Return the manifest of the same read with the levels that the rating took for its opening ones."""
        return usage_manifest(sealed=self.sealed, late=self.late, opening=opening)

    def has_read_late(self, slot: SlotsRead) -> bool:
        """Say whether a slot of a late log (its number as `last_slot`) was part of the read."""
        home = (slot.layout_version, slot.group, slot.slice_start)
        return any(
            (read.layout_version, read.group, read.slice_start) == home and slot.last_slot <= read.last_slot
            for read in self.late
        )


def usage_manifest(
    *, sealed: Iterable[SlotsRead], late: Iterable[SlotsRead], opening: Iterable[CarriedLevel] = ()
) -> UsageManifest:
    """Build the manifest of a read, in one order and with its digest."""
    sealed, late, opening = tuple(sorted(sealed)), tuple(sorted(late)), tuple(sorted(opening))
    return UsageManifest(sealed=sealed, late=late, digest=_digest(sealed, late, opening), opening=opening)


def _digest(sealed: tuple[SlotsRead, ...], late: tuple[SlotsRead, ...], opening: tuple[CarriedLevel, ...]) -> str:
    lines = [
        f"{log} {read.layout_version} {read.group} {format_instant(read.slice_start)} {read.last_slot}"
        for log, reads in (("sealed", sealed), ("late", late))
        for read in reads
    ]
    lines += [json.dumps(["opening", one.meter, one.aggregation, one.dimensions, _named(one.level)]) for one in opening]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _named(level: Level) -> list[str]:
    return [format_instant(level.occurred_at), level.source, level.event_id, f"{level.value:f}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReading:
    """The usage of one customer in one period, with the manifest of the read. One window key may come several times."""

    windows: tuple[WindowUsage, ...]
    manifest: UsageManifest


@dataclass(frozen=True, slots=True)
class LateUsage:
    """One window of one slot of a late log; `place` has the slot's number."""

    place: SlotsRead
    usage: WindowUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSoFar:
    """The usage of one customer in one period as the ledger has it, without waiting for a seal.

    Whatever was in the ledger at `as_of` (UTC, before the read) is in `windows`; what was counted during the read may
    be. All usage that had arrived by `complete_until` (UTC) had come through every stage by then; None: not known yet.
    """

    windows: tuple[WindowUsage, ...]
    as_of: datetime
    complete_until: datetime | None
