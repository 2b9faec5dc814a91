"""Where a bucket has booked what it counted. Its slots say so, and the archive where customers share a window."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowKey, WindowUsage
from shared.domain.metering.bucket_logs import AGGREGATION_OF, BucketLogs
from shared.domain.metering.meter import Aggregation
from shared.domain.metering.tally import MINUTE_TEXT, UsageRow, tally, window_start
from shared.domain.usage.event import Dimensions

Place: TypeAlias = tuple[WindowKey, Aggregation]


class _Cell(NamedTuple):
    """What the windows of one slot that differ in their customers only have in common."""

    slot: int | None
    meter: str
    start: datetime
    dimensions: Dimensions


class _Move(NamedTuple):
    """The rows of a subject that are billed to one customer today were billed to another when they were counted."""

    subject: str
    today: str
    before: str


_NOBODY_MOVED = _Move("", "", "")


class Bookings:
    """Tells the places of a bucket's rows; `evidence` is what the archive has of their windows, billed as of today.

    What enrichment said when a row was counted is in the windows of its slot. Who pays may have been changed with
    effect from before, so a row that fits one customer only was booked there, whoever is billed for it today. Where it
    fits several, all rows of these windows must come to what the slot says: billed as they are today, or with those of
    one subject moved back.
    """

    def __init__(self, logs: BucketLogs, evidence: Iterable[UsageRow]) -> None:
        self._logs = logs
        self._rows: defaultdict[_Cell, dict[str, UsageRow]] = defaultdict(dict)
        for row in evidence:
            self._rows[self._cell(row)][row["fingerprint"]] = row
        self._moves: dict[_Cell, _Move | None] = {}

    def place(self, row: UsageRow) -> Place | None:
        """Return where the slot that counted a row has booked it; None where that cannot be told."""
        cell = self._cell(row)
        fitting = self._fitting(cell, row)
        payer = self._payer(cell, row, fitting)
        of_payer = {_place(usage) for usage in fitting if usage.key.customer_id == payer}
        as_now = {place for place in of_payer if place[1] == row["aggregation"]} or of_payer
        return next(iter(as_now)) if len(as_now) == 1 else None

    def _payer(self, cell: _Cell, row: UsageRow, fitting: Sequence[WindowUsage]) -> str | None:
        customers = {usage.key.customer_id for usage in fitting}
        if len(customers) == 1:
            return customers.pop()
        if cell not in self._moves:
            proven = [move for move in self._supposed(cell, fitting) if self._comes_to(cell, move, fitting)]
            self._moves[cell] = proven[0] if len(proven) == 1 else None
        move = self._moves[cell]
        return None if move is None else _before(row, move)

    def _supposed(self, cell: _Cell, fitting: Sequence[WindowUsage]) -> Iterator[_Move]:
        """Yield what may have been moved since, as far as numbers of events tell."""
        rows = self._rows[cell].values()
        today = Counter(row["customer"] for row in rows)
        told = Counter[str]()
        for usage in fitting:
            told[usage.key.customer_id] += usage.events
        more, less = today - told, told - today
        if not more and not less:
            yield _NOBODY_MOVED
        elif len(more) == len(less) == 1 and more.total() == less.total():
            ((gained, events),), (lost,) = more.items(), less
            of_subject = Counter(row["subject"] for row in rows if row["customer"] == gained)
            yield from (_Move(subject, gained, lost) for subject, rows in of_subject.items() if rows == events)

    def _comes_to(self, cell: _Cell, move: _Move, fitting: Sequence[WindowUsage]) -> bool:
        rows = (_billed_to(_before(row, move), row) for row in self._rows[cell].values())
        return set(tally(rows)) == set(fitting)

    def _fitting(self, cell: _Cell, row: UsageRow) -> Sequence[WindowUsage]:
        told = self._logs.windows_with(row["fingerprint"])
        window = (cell.meter, cell.start, cell.dimensions)
        return [one for one in told if (one.key.meter, one.key.window_start, one.key.dimensions) == window]

    def _cell(self, row: UsageRow) -> _Cell:
        start = window_start(row["occurred_at"][:MINUTE_TEXT])
        return _Cell(self._logs.slot_with(row["fingerprint"]), row["meter"], start, row["dimensions"])


def is_shared(logs: BucketLogs, fingerprint: str, start: datetime) -> bool:
    """Say whether the slot that counted a fingerprint (hex) has several customers in a window that starts then."""
    customers: defaultdict[tuple[str, Dimensions], set[CustomerId]] = defaultdict(set)
    for usage in logs.windows_with(fingerprint):
        if usage.key.window_start == start:
            customers[usage.key.meter, usage.key.dimensions].add(usage.key.customer_id)
    return any(len(of_window) > 1 for of_window in customers.values())


def billed_as(row: UsageRow, key: WindowKey, aggregation: Aggregation) -> UsageRow:
    """Return a row as it was when it was booked."""
    booked = _billed_to(key.customer_id, row)
    booked["aggregation"] = aggregation.value
    return booked


def _billed_to(customer: str, row: UsageRow) -> UsageRow:
    booked = row.copy()
    booked["customer"] = customer
    return booked


def _before(row: UsageRow, move: _Move) -> str:
    return move.before if (row["subject"], row["customer"]) == (move.subject, move.today) else row["customer"]


def _place(usage: WindowUsage) -> Place:
    return usage.key, AGGREGATION_OF[type(usage.state)]
