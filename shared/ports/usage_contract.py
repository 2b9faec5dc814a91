"""The usage contract as use cases see it: bytes of a record in, events or reasons out."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.usage.event import UsageEvent
from shared.domain.usage.rejection import Rejected


class UsageContract(Protocol):
    def __call__(self, data: bytes) -> Sequence[UsageEvent | Rejected]:
        """Read every event of one record, in its order. Never raises for what a producer may send.

        The same bytes always give the same answer: the place of an event in it is part of its delivery's identity.
        """
