"""A backfill from its opening to its end, and the parts that it is loaded in."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from shared.domain.replay.progress import ReplayProgress
from shared.domain.usage.admission import backfill_shard
from shared.domain.usage.stream_record import StreamRecord

KEPT = timedelta(days=90)  # loaded parts vanish after that
_TIME_TO_CLOSE = timedelta(days=10)
_NUMBER_DIGITS = 20  # of a part's number, so that numbers sort as text does


class BackfillState(StrEnum):
    """Nothing counts before CLOSING, and nothing is taken back from there on: a correction is a void."""

    OPENED = "opened"
    LOADING = "loading"
    CLOSING = "closing"
    CLOSED = "closed"
    REVERTED = "reverted"


LOADABLE = (BackfillState.OPENED, BackfillState.LOADING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decided something, and when (UTC)."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """`ended` is the decision to close or to revert it; its progress is that of closing."""

    backfill_id: str
    state: BackfillState
    opened: Decision
    reason: str
    ended: Decision | None = None
    progress: ReplayProgress = field(default_factory=ReplayProgress)

    def is_too_old(self, now: datetime) -> bool:
        """Tell whether parts may vanish before closing is done."""
        return now > self.opened.at + KEPT - _TIME_TO_CLOSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some events of a backfill, named by their bytes: the same events loaded again are the same part."""

    name: str
    events: int

    @classmethod
    def of(cls, data: bytes, events: int) -> "Part":
        return cls(name=sha256(data).hexdigest(), events=events)

    def record(self, backfill_id: str, data: bytes, closed_at: datetime) -> StreamRecord:
        """Return the part as the archive keeps it: as if it had arrived at the close, over a shard of its own."""
        number = f"{int(self.name[:16], 16):0{_NUMBER_DIGITS}d}"
        return StreamRecord(backfill_shard(backfill_id), number, closed_at, data)
