"""Figures as they were recorded (port Metrics)."""

from collections import defaultdict

from shared.ports.metrics import Unit


class InMemoryMetrics:
    """Keeps each figure in `recorded`, and `totals` by name."""

    def __init__(self) -> None:
        self.recorded: list[tuple[str, float, Unit]] = []
        self.totals: defaultdict[str, float] = defaultdict(float)

    def record(self, name: str, value: float, unit: Unit) -> None:
        self.recorded.append((name, value, unit))
        self.totals[name] += value
