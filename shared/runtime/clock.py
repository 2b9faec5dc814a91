"""The platform's clock. A local run stands in for it: `read_seconds` is simulated time, and `sleep` does nothing."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

read_seconds: Callable[[], float] = time.time
sleep: Callable[[float], None] = time.sleep


class PlatformClock:
    """The present instant as the platform tells it (ports Clock and PausingClock)."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(read_seconds(), UTC)

    def pause(self, seconds: float) -> None:
        sleep(seconds)
