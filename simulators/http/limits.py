"""How many calls a system takes: at once, counted while they are under way, and in a sliding window of time."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta


class CallLimits:
    """Limits over all protected calls of one system; None is no limit. A call that is refused counts nowhere."""

    def __init__(
        self, *, at_once: int | None = None, in_window: int | None = None, window: timedelta = timedelta(minutes=5)
    ) -> None:
        self.at_once = at_once
        self.in_window = in_window
        self.refused = 0
        self._window = window
        self._under_way = 0
        self._arrivals: deque[datetime] = deque()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count a call from its first line to its reply, so that one whose body is still arriving holds its place."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def admits(self, now: datetime) -> bool:
        """Take a call that is under way, or tell that it is one too many."""
        while self._arrivals and self._arrivals[0] <= now - self._window:
            self._arrivals.popleft()
        too_many_at_once = self.at_once is not None and self._under_way > self.at_once
        too_many = self.in_window is not None and len(self._arrivals) >= self.in_window
        if too_many_at_once or too_many:
            self.refused += 1
            return False
        if self.in_window is not None:
            self._arrivals.append(now)
        return True
