"""How far a Kinesis event source has come in a lane of a shard, and into which parts it has split what failed there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

# Lambda backs off between attempts. Here a lane may fail this often in a row before the clock has to move.
ATTEMPTS_AT_ONE_INSTANT = 3


@dataclass(slots=True)
class LaneProgress:
    """The checkpoint of a lane, the parts of a failed batch that follow it, and the attempts of the first of them.

    A shard has as many lanes as its mapping runs batches at once; a partition key is always in the same one.
    `attempts` are those that count against the mapping's retries: neither a failure that splits a batch nor an event
    that Lambda did not take is one of them. Both count at their instant, as Lambda backs off after every failure.
    """

    shard_id: str
    lane: int = 0
    checkpoint: int = 0
    attempts: int = 0
    waiting_since: datetime | None = None  # of a batch that is neither full nor out of time
    _failures_now: int = 0
    _failed_at: datetime | None = None
    _ends: list[int] = field(default_factory=list)  # the last record of each part, the one to be tried next on top

    def may_try(self, now: datetime) -> bool:
        return self._failed_at != now or self._failures_now < ATTEMPTS_AT_ONE_INSTANT

    def end(self) -> int | None:
        """Return where what comes next ends, when it is a failed batch or a part of one: those do not grow."""
        return self._ends[-1] if self._ends else None

    def move(self, checkpoint: int) -> None:
        """Leave everything up to here behind. What is left of a failed batch stays a batch of its own."""
        self.checkpoint = checkpoint
        self.attempts = self._failures_now = 0
        self.waiting_since = None
        while self._ends and self._ends[-1] <= checkpoint:
            self._ends.pop()

    def retry(self, batch: Sequence[int], now: datetime) -> None:
        """Try these sequence numbers again, in one batch. It costs an attempt."""
        self.attempts += 1
        self._failed(batch[-1], now)

    def not_taken(self, batch: Sequence[int], now: datetime) -> None:
        """Try these sequence numbers again. Nothing has run, so it costs no attempt."""
        self._failed(batch[-1], now)

    def split(self, batch: Sequence[int], now: datetime) -> None:
        """Try the two halves of these sequence numbers, one after the other. It costs no attempt."""
        self.attempts = 0
        self._failed(batch[-1], now)
        self._ends.append(batch[len(batch) // 2 - 1])

    def split_off(self, rest: Sequence[int], now: datetime) -> None:
        """Leave what stands before these sequence numbers behind, and try the rest. It costs no attempt."""
        self.move(rest[0] - 1)
        self._failed(rest[-1], now)

    def _failed(self, end: int, now: datetime) -> None:
        if not self._ends or self._ends[-1] != end:
            self._ends.append(end)
        self._failures_now = 1 if self._failed_at != now else self._failures_now + 1
        self._failed_at = now
