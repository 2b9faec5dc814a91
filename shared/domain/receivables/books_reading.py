"""How far an ERP's books were read for what our documents are owed: a pass at a time, over as many runs as it takes."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

AGAIN_AFTER = timedelta(minutes=55)  # an hour, which no tick of a schedule hits to the minute


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksReading:
    """Where reading goes on (`cursor`, "" at the beginning), and when the ERP was last asked.

    `began_at` is when the pass began that is under way, None between two. What the ERP had when the last complete one
    began (`complete_as_of`) is known here, and of later changes some.
    """

    cursor: str = ""
    asked_at: datetime | None = None
    began_at: datetime | None = None
    complete_as_of: datetime | None = None

    @property
    def as_of(self) -> datetime | None:
        """Since when not everything is known: of a first pass, its beginning."""
        return self.complete_as_of or self.began_at

    def is_due(self, at: datetime) -> bool:
        """Tell whether there is to be read: a pass is under way, or the last one began an hour ago."""
        if self.began_at is not None or self.complete_as_of is None:
            return True
        return at >= self.complete_as_of + AGAIN_AFTER

    def asked(self, at: datetime) -> Self:
        """Return what it is once the ERP is asked, which begins a pass where none is under way."""
        return replace(self, asked_at=at, began_at=self.began_at or at)

    def after(self, cursor: str, *, complete: bool) -> Self:
        """Return what it is after a page."""
        if not complete:
            return replace(self, cursor=cursor)
        return replace(self, cursor=cursor, began_at=None, complete_as_of=self.began_at)
