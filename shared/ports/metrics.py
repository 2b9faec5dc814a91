"""Figures about the running of a function, for dashboards and alarms; never for money."""

from enum import StrEnum
from typing import Protocol


class Unit(StrEnum):
    COUNT = "Count"
    SECONDS = "Seconds"


class Metrics(Protocol):
    def record(self, name: str, value: float, unit: Unit) -> None:
        """Record one figure under this function's name."""
