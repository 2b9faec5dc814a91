"""The way in for usage that somebody handed over: onto the stream that products write to, confirmed event by event."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RawUsage:
    """One event exactly as it was sent, and the group that its subject and time have in the ledger."""

    text: bytes
    group: int


class UsageIntake(Protocol):
    def put(self, usage: Sequence[RawUsage]) -> Sequence[bool]:
        """Say of each, in its order, whether the stream has confirmed it. What was not confirmed may be sent again.

        Raises when the stream could not be asked: then of none is known whether the stream has it.
        """
