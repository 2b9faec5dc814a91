"""Accepted usage that cannot be billed yet, kept until master data explains it."""

from collections.abc import Collection
from typing import Protocol


class ParkedUsage(Protocol):
    def parked_deliveries(self) -> Collection[str]:
        """Return the deliveries (str(Delivery)) that are parked, or released and perhaps still on their way."""
