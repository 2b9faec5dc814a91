"""What can go wrong with a call to a port, and who decides when it does."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class FaultKind(StrEnum):
    """One outcome of a call that is not simply "ok". In each, only the environment knows what really happened."""

    ERROR_BEFORE = "error-before"  # nothing was done, and the caller is told so
    CRASH_BEFORE = "crash-before"  # the environment dies, nothing was done
    CRASH_AFTER = "crash-after"  # the environment dies, and all was done
    TIMEOUT_AFTER_COMMIT = "timeout-after-commit"  # all was done, and the caller is told that nobody knows
    THROTTLE = "throttle"  # refused, and so are the next calls to this port
    SENT_TWICE = "sent-twice"  # the reply was lost and the client sent the request again
    PARTIAL = "partial"  # only the first half of many was done
    SLOW_REQUEST = "slow-request"  # the lease ends before it is done; others go on meanwhile
    SLOW_REPLY = "slow-reply"  # the lease ends after it was done; the reply is stale when it comes


class ServiceError(Exception):
    """What a client raises when a service fails, or seems to."""


class Died(BaseException):
    """The environment is gone in the middle of what it did."""


class Faults(Protocol):
    def at(self, call: int) -> FaultKind | None:
        """Return what happens to the call with this number in the history, None when all is well."""


@dataclass(frozen=True, slots=True)
class ScriptedFaults:
    """Faults at given calls, for the exhaustive mode."""

    by_call: Mapping[int, FaultKind] = field(default_factory=dict)

    def at(self, call: int) -> FaultKind | None:
        return self.by_call.get(call)


@dataclass(frozen=True, slots=True)
class RandomFaults:
    """Faults of some kinds at a rate, for the random mode."""

    chance: random.Random
    kinds: Sequence[FaultKind]
    rate: float

    def at(self, call: int) -> FaultKind | None:
        if not self.kinds or self.chance.random() >= self.rate:
            return None
        return self.chance.choice(self.kinds)
