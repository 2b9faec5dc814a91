"""Circuit breakers in memory (port Circuits)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from shared.domain.posting.circuit import FAILURES_THAT_OPEN, LEFT_ALONE_FOR, Circuit, CircuitState, Health
from shared.ports.clock import Clock

Result = TypeVar("Result")


@dataclass(slots=True)
class InMemoryCircuits:
    clock: Clock
    failures: dict[str, int] = field(default_factory=dict)
    opened_until: dict[str, datetime] = field(default_factory=dict)

    def call(
        self, connection: str, send: Callable[[], Result], *, health: Callable[[Result], Health]
    ) -> Result | Circuit:
        circuit = self.circuit(connection)
        if circuit.until is not None and self.clock.now() < circuit.until:
            return circuit
        result = send()
        match health(result):
            case Health.UP:
                self.failures.pop(connection, None)
                self.opened_until.pop(connection, None)
            case Health.DOWN:
                self.failures[connection] = self.failures.get(connection, 0) + 1
                if circuit.state is not CircuitState.CLOSED or self.failures[connection] == FAILURES_THAT_OPEN:
                    self.opened_until[connection] = self.clock.now() + LEFT_ALONE_FOR
                    self.failures.pop(connection)
            case Health.UNTOLD:
                pass
        return result

    def circuit(self, connection: str) -> Circuit:
        until = self.opened_until.get(connection)
        return Circuit(CircuitState.CLOSED) if until is None else Circuit(CircuitState.OPEN, until)
