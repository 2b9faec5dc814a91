"""Voids as they stand: until a bucket is forgotten, whatever it counts of a voided event is taken back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from shared.domain.exception_record import ExceptionCode
from shared.domain.metering.layout import Bucket
from shared.domain.usage.correction import Original, UsageVoid
from shared.domain.usage.event import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledVoid:
    """A void as it arrived (UTC), at the bucket where its original is counted. `amends`: other usage counts instead."""

    void: UsageVoid
    amends: bool
    delivery: Delivery
    arrived_at: datetime
    bucket: Bucket


class VoidState(StrEnum):
    """APPLIED: something of the original was taken back. REFUSED: nothing of it ever will be."""

    WAITING = "waiting"
    APPLIED = "applied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingVoid:
    """All voids of one original, oldest first, and what has come of them. `told` is the exception that is open."""

    filed: tuple[FiledVoid, ...]
    state: VoidState = VoidState.WAITING
    told: ExceptionCode | None = None

    @property
    def original(self) -> Original:
        return self.filed[0].void.original

    @property
    def bucket(self) -> Bucket:
        return self.filed[0].bucket

    @property
    def amending(self) -> tuple[UsageVoid, ...]:
        """Return the first void of each event that amends the original: with more than one, all of them count."""
        found = {(one.void.source, one.void.event_id): one.void for one in reversed(self.filed) if one.amends}
        return tuple(found[name] for name in sorted(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A bucket was read up to two slots when it had that many filings. It is due again at `again` (UTC) in any case."""

    filings: int
    last_base: int
    last_late: int
    again: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedBucket:
    """A bucket with standing voids. `filings` grows with each batch of voids that is filed there."""

    bucket: Bucket
    filings: int
    examined: Examined | None = None


def by_original(filed: Iterable[FiledVoid]) -> Iterator[tuple[FiledVoid, ...]]:
    """Yield the voids of each original, oldest first."""
    ordered = sorted(filed, key=lambda one: (one.void.original, one.arrived_at, one.delivery))
    for _, members in groupby(ordered, key=lambda one: one.void.original):
        yield tuple(members)
