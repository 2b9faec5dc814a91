"""The usage contracts as use cases see them: bytes of a record in, events or reasons out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.usage.verdict import Verdict


class UsageContract(Protocol):
    def __call__(self, data: bytes, arrived_at: datetime) -> Sequence[Verdict]:
        """Read every event of one record, in its order. Never raises for what a producer may send.

        The same bytes and arrival (UTC) give the same events in the same places: an event's place is part of its
        delivery's identity. May raise when it cannot be told which contracts are in force.
        """
