"""Figures as they were recorded (port Metrics)."""

from collections import defaultdict

from shared.ports.metrics import Unit


class InMemoryMetrics:
    """Keeps `totals` by name."""

    def __init__(self) -> None:
        self.totals: defaultdict[str, float] = defaultdict(float)

    def record(self, name: str, value: float, unit: Unit) -> None:
        self.totals[name] += value
