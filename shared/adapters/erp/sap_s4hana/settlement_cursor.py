"""Where reading on begins: a day, and within a pass the last item that was read of the day that it has come to.

Clearings have numbers of a range for each type of document, so that what is entered later on a day may well have a
smaller number: a number pages within a pass and never ends one. A pass begins with a day, DAY; on its way it is
DAY;CLEARING;YEAR;DOCUMENT;YEAR;ITEM;STARTED. The next pass begins two days before this one did: in no time zone is
what is entered after that dated earlier than a day before, and one more day is for what is committed late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from shared.adapters.erp.sap_s4hana.customer_items import DOCUMENT
from shared.adapters.erp.sap_s4hana.odata import Row, day, read_day, text

CLEARED_BY: Final = ("ClearingCreationDate", "ClearingAccountingDocument", "ClearingDocFiscalYear")
ORDER: Final = (*CLEARED_BY, *DOCUMENT)  # it tells all items apart
_DAY, *_WITHIN_THE_DAY = ORDER
_BEGINNING: Final = date(1900, 1, 1)
_OVERLAP: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class SettlementCursor:
    """Where a pass is that `started` on a day; it begins where nothing of its first day is `behind` it."""

    since: date
    started: date
    behind: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ";".join((str(self.since), *self.behind, str(self.started))) if self.behind else str(self.since)

    @property
    def condition(self) -> str:
        """What selects the items that are still to be read."""
        if not self.behind:
            return f"{_DAY} ge {day(self.since)}"
        of_the_day = _after([*zip(_WITHIN_THE_DAY, self.behind, strict=True)])
        return f"({_DAY} gt {day(self.since)} or ({_DAY} eq {day(self.since)} and {of_the_day}))"

    def after(self, row: Row) -> "SettlementCursor":
        """Return where the pass goes on once it has read an item."""
        behind = tuple(str(row[name]) for name in _WITHIN_THE_DAY)
        return SettlementCursor(read_day(row[_DAY]), self.started, behind)

    @property
    def next_pass(self) -> "SettlementCursor":
        return SettlementCursor(self.started - _OVERLAP, self.started)


def read_cursor(cursor: str, today: date) -> SettlementCursor:
    """Return what a text says; raises ValueError for what is no cursor of ours."""
    if not cursor:
        return SettlementCursor(_BEGINNING, today)
    since, *behind = cursor.split(";")
    if not behind:
        return SettlementCursor(date.fromisoformat(since), today)
    *within_the_day, started = behind
    if len(within_the_day) != len(_WITHIN_THE_DAY):
        raise ValueError(f"{cursor} does not name an item")
    return SettlementCursor(date.fromisoformat(since), date.fromisoformat(started), tuple(within_the_day))


def _after(position: Sequence[tuple[str, str]]) -> str:
    (name, value), *rest = position
    later = f"{name} gt {text(value)}"
    return f"({later} or ({name} eq {text(value)} and {_after(rest)}))" if rest else later
