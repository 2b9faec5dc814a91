"""The dead-letter queues, looked into without taking anything out."""

from collections.abc import Iterator
from typing import Protocol

from shared.domain.dead_letter import DeadLetter


class DeadLetters(Protocol):
    def peek(self) -> Iterator[DeadLetter]:
        """Yield what lies in the dead-letter queues, at most a bounded number a queue; what is left over comes next."""
