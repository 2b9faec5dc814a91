"""The platform's clock. A local run stands in for the platform and sets `read_seconds` to simulated time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

read_seconds: Callable[[], float] = time.time


class PlatformClock:
    """The present instant as the platform tells it (port Clock)."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(read_seconds(), UTC)
