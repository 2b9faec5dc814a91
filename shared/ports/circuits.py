"""Circuit breakers, one for each connection, shared by everybody who calls it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from shared.domain.posting.circuit import Circuit, Health

Result = TypeVar("Result")


class Circuits(Protocol):
    def call(
        self, connection: str, send: Callable[[], Result], *, health: Callable[[Result], Health]
    ) -> Result | Circuit:
        """Return what `send` returned, or the circuit that is open: then nothing was sent."""

    def circuit(self, connection: str) -> Circuit:
        """Return how a connection stands; what is known may be some seconds old."""
