"""Where judged deliveries are written to, many to a file."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from shared.domain.archive.delivery import JudgedDelivery


class DeliveryFiles(Protocol):
    def write(self, deliveries: Iterable[JudgedDelivery], path: Path) -> int:
        """Write a compacted file and return how many deliveries it has. Memory does not grow with their number."""
