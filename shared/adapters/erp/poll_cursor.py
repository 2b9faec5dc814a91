"""How far a list is read that is asked for in the order of change, page by page, over as many runs as it takes.

A change may show minutes later than its own time. A page that is read while its newest change is that young may lack
an older one, and no later page has it: the first such page of a poll says from when on the next poll reads again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

LATE_BY: Final = timedelta(minutes=5)  # longer than any transaction that changes a document is open
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)


def may_lack_older(newest: datetime, *, now: datetime) -> bool:
    """Tell of a page whose newest change is given whether one before it may be still to come."""
    return newest >= now - LATE_BY - _CLOCKS_DIFFER_BY


@dataclass(frozen=True, slots=True)
class PollCursor:
    """Where a poll begins; amid it the last row that was read, `after` being its id. As text TIME [ID [AGAIN]]."""

    since: datetime = BEGINNING
    after: int | None = None
    again: datetime | None = None

    @classmethod
    def read(cls, text: str) -> "PollCursor":
        if not text:
            return cls()
        since, *amid = text.split(" ")
        after, again = (*amid, "", "")[:2]
        return cls(
            datetime.fromisoformat(since),
            int(after) if after else None,
            datetime.fromisoformat(again) if again else None,
        )

    def __str__(self) -> str:
        again = [] if self.again is None else [self.again.isoformat()]
        return " ".join([self.since.isoformat(), *([] if self.after is None else [str(self.after)]), *again])

    def behind(self, newest: datetime, row_id: int, *, now: datetime) -> "PollCursor":
        """Return where the poll goes on after a full page, whose last row has this time and this id."""
        again = self._before(newest) if may_lack_older(newest, now=now) else None
        return PollCursor(newest, row_id, self.again or again)

    def next_poll(self, newest: datetime) -> "PollCursor":
        """Return where the next poll begins after the last page, whose newest change this is."""
        return PollCursor(self.again or self._before(newest))

    def _before(self, newest: datetime) -> datetime:
        begin = newest - LATE_BY
        return max(self.since, begin) if self.after is None else begin  # never back beyond where a poll began
