"""Figures that were recorded, in memory (port Metrics)."""

from shared.ports.metrics import Unit


class InMemoryMetrics:
    def __init__(self) -> None:
        self.recorded: list[tuple[str, float, Unit]] = []

    def record(self, name: str, value: float, unit: Unit) -> None:
        self.recorded.append((name, value, unit))
