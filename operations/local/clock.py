"""Simulated time: it stands still until it is moved, and never goes back."""

from datetime import UTC, datetime


class SimulatedClock:
    """The one clock of a local cloud. Instants are aware datetimes; what it hands out is UTC."""

    def __init__(self, start: datetime) -> None:
        self._now = _in_utc(start)
        self._seconds = self._now.timestamp()

    def now(self) -> datetime:
        return self._now

    def seconds(self) -> float:
        """Seconds since the epoch."""
        return self._seconds

    def milliseconds(self) -> float:
        return self._seconds * 1000

    def advance_to(self, instant: datetime) -> None:
        """Move on. Raises ValueError for an instant before the present one."""
        moved_to = _in_utc(instant)
        if moved_to < self._now:
            raise ValueError(f"time does not go back from {self._now} to {moved_to}")
        self._now = moved_to
        self._seconds = moved_to.timestamp()


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {instant}")
    return instant.astimezone(UTC)
