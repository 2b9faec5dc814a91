"""When each source was last heard of, for those who hear and for those who ask."""

from collections.abc import Collection
from typing import Protocol

from shared.domain.producers.signs_of_life import Heard


class SignsOfLife(Protocol):
    def record(self, heard: Heard) -> None:
        """Write down what was heard. What is known never goes back; a sign may be written down a minute later."""


class LastSigns(Protocol):
    def last_heard(self, sources: Collection[str]) -> Heard:
        """Return the latest signs of these sources that are written down."""
