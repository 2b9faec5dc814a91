"""The completeness barrier: up to which arrival time all usage has come through every stage into the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# The arrival clock of a stream and the platform's clock may differ; nothing is believed closer than this.
CLOCK_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A stage is done with a shard up to this record. `arrived_at` (UTC) is by the clock of the stream."""

    sequence_number: str
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class ShardPosition:
    """Where a stage stands on one shard. `drained` says that nothing lies beyond its checkpoint."""

    checkpoint: Checkpoint | None
    drained: bool


@dataclass(frozen=True, slots=True)
class Look:
    """How far a stage had read, as reached() tells it. `began_at` (UTC) is before the first of its shards was seen."""

    began_at: datetime
    reached: datetime | None


@dataclass(frozen=True, slots=True)
class Mark:
    """All usage that arrived by `usage_until` was on the next stream by `published_by` (both UTC)."""

    usage_until: datetime
    published_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Barrier:
    """What the barrier remembers between two looks at the stages.

    Having read a stream up to an arrival time says nothing about what the stage before puts there later. So what a
    stage has published is marked with the time of the look, and the next stage must reach that time. `marks` holds
    one pending mark between each two stages; `complete_until` (UTC, arrival of usage) is what reached the ledger.
    """

    marks: tuple[Mark | None, ...] = ()
    complete_until: datetime | None = None


def reached(positions: Iterable[ShardPosition], *, now: datetime) -> datetime | None:
    """Return the arrival time up to which a stage has read all its shards; None while it knows nothing of one."""
    times = []
    for position in positions:
        if position.drained:
            times.append(now)
        elif position.checkpoint is None:
            return None
        else:
            times.append(position.checkpoint.arrived_at - CLOCK_SKEW)
    return min(times, default=now)


def advance(barrier: Barrier, looks: Sequence[Look]) -> Barrier:
    """Take another look at the stages, first to last, each begun when the one before was over.

    A look takes time, and the stage publishes meanwhile: a mark bears the time at which the next look began.
    """
    marks = list(barrier.marks) or [None] * (len(looks) - 1)
    complete = looks[0].reached
    for hop, look in enumerate(looks[1:]):
        fresh = Mark(complete, look.began_at) if complete else None
        pending = marks[hop]
        if fresh and look.reached and fresh.published_by <= look.reached:
            complete, marks[hop] = fresh.usage_until, None
        elif pending and look.reached and pending.published_by <= look.reached:
            complete, marks[hop] = pending.usage_until, fresh
        else:
            complete, marks[hop] = None, pending or fresh
    return Barrier(marks=tuple(marks), complete_until=_later(barrier.complete_until, complete))


def _later(left: datetime | None, right: datetime | None) -> datetime | None:
    if left is None or right is None:
        return left or right
    return max(left, right)
