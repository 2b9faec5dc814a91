"""How long what waits for an ERP takes, and how much of it is asked for at a time."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.posting.pacing import CallLimits, NotCalled, Usage

SWEEP = timedelta(minutes=5)  # how often the relay asks for what is due
# One sweep's worth is worked on while the next waits; more would only be asked for twice.
ASKED_AHEAD = 2 * SWEEP
ALWAYS_ASKED = 10  # the part of it, a minute's worth, that is asked for however much the queue holds
# A queue with a backlog must not be fed the same posting every few minutes.
PATIENCE_WITH_THE_QUEUE = timedelta(minutes=30)
LONGEST_IN_THE_QUEUE = timedelta(minutes=10)  # SQS delays no message by more than 15
# Until the first documents have told what one takes: a customer, a draft, its posting, a look at it.
FASTEST_DOCUMENT_SECONDS = 0.1  # ten a second; in simulated time, which stands still meanwhile, they take none
USUAL_USAGE = Usage(calls=4, seconds=4)


@dataclass(frozen=True, slots=True)
class PutOff:
    """When an unsent posting is asked for again: after so long in the queue, or (None) by the relay once it is due."""

    due_at: datetime
    asked_after: timedelta | None


def put_off(not_called: NotCalled, *, now: datetime) -> PutOff:
    """Return when a posting is asked for again whose ERP is not called.

    How long one is down nobody knows. What it was to get would circle in the queue, and what the queue holds is asked
    for of no other ERP.
    """
    return PutOff(not_called.until, None) if not_called.is_down else put_off_until(not_called.until, now=now)


def put_off_until(due_at: datetime, *, now: datetime) -> PutOff:
    """Return when a posting is asked for again that is due then: it stays in the queue where that is not long."""
    wait = max(due_at - now, timedelta(0))
    if wait > LONGEST_IN_THE_QUEUE:
        return PutOff(due_at, None)
    return PutOff(due_at + PATIENCE_WITH_THE_QUEUE, wait)


def seconds_a_document(limits: CallLimits, usage: Usage | None) -> float:
    """Return in which seconds one document follows the other at best: by the rate, or by the calls at a time."""
    taken = usage or USUAL_USAGE
    by_rate = taken.calls * limits.spacing.total_seconds()
    return max(by_rate, taken.seconds / limits.concurrency, FASTEST_DOCUMENT_SECONDS)


def drain_time(waiting: int, limits: CallLimits, usage: Usage | None) -> timedelta:
    """Return how long so many documents take when nothing else comes in the way."""
    return timedelta(seconds=waiting * seconds_a_document(limits, usage))


def asked_ahead(limits: CallLimits, usage: Usage | None) -> int:
    """Return how many documents of one ERP may wait in the queue at a time."""
    return math.ceil(ASKED_AHEAD.total_seconds() / seconds_a_document(limits, usage))


def shared_out(ahead: Mapping[str, int], *, waiting: int) -> dict[str, int]:
    """Return how many documents of each connection are asked for, where the queue holds so many that wait already.

    `ahead` is how many of each may wait. Nobody knows whose those are that do, so all give up their part of the room,
    but for a little of it: they may all be one connection's.
    """
    most = sum(ahead.values())
    room = max(0, most - waiting)
    return {
        connection: max(may_wait * room // most, math.ceil(may_wait / ALWAYS_ASKED))
        for connection, may_wait in ahead.items()
    }
