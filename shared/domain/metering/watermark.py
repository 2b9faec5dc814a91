"""The completeness barrier: up to which arrival time all usage has come through every stage into the ledger."""

from collections.abc import Iterable
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


def advance(barrier: Barrier, stages: tuple[datetime | None, ...], *, now: datetime) -> Barrier:
    """Take another look at the stages, first to last, each as reached() tells it; they were looked at in that order."""
    marks = list(barrier.marks) or [None] * (len(stages) - 1)
    complete = stages[0]
    for hop, stage_reached in enumerate(stages[1:]):
        fresh = Mark(complete, now) if complete else None
        pending = marks[hop]
        if fresh and stage_reached and fresh.published_by <= stage_reached:
            complete, marks[hop] = fresh.usage_until, None
        elif pending and stage_reached and pending.published_by <= stage_reached:
            complete, marks[hop] = pending.usage_until, fresh
        else:
            complete, marks[hop] = None, pending or fresh
    return Barrier(marks=tuple(marks), complete_until=_later(barrier.complete_until, complete))


def _later(left: datetime | None, right: datetime | None) -> datetime | None:
    if left is None or right is None:
        return left or right
    return max(left, right)
