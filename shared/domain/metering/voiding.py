"""Taking back what a bucket has counted: from sums by what was added, anything else by stating the window anew."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.domain.metering.aggregate import AverageState, CountState, SumState, WindowUsage
from shared.domain.metering.bookings import Bookings, Place, billed_as
from shared.domain.metering.bucket_logs import BucketLogs
from shared.domain.metering.meter import SUMS
from shared.domain.metering.tally import UsageRow, tally
from shared.domain.money import EXACT
from shared.domain.time_period import format_instant
from shared.domain.usage.correction import Original


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The rows that are voided by a slot with these windows, and those that cannot be voided yet."""

    voided: tuple[UsageRow, ...]
    windows: tuple[WindowUsage, ...]
    waiting: tuple[UsageRow, ...]


def names(original: Original, row: UsageRow) -> bool:
    """Say whether a row is of the subject and time that a void says; its identity is known to be the one."""
    return (row["subject"], row["occurred_at"]) == (original.subject, format_instant(original.occurred_at))


def take_back(logs: BucketLogs, voided: Iterable[UsageRow], evidence: Sequence[UsageRow]) -> TakenBack:
    """Work out a void of distinct rows that count in a bucket, from what the archive has of their windows.

    Where the ledger has booked a row decides, not what master data says of it today; a row waits while that cannot be
    told. A window that is no sum waits unless the archive has every event that the ledger counts in it.
    """
    windows: list[WindowUsage] = []
    done: list[UsageRow] = []
    voided = tuple(voided)
    bookings = Bookings(logs, (*voided, *evidence))
    placed, waiting = _by_place(bookings, voided)
    for (key, aggregation), rows in placed.items():
        if aggregation in SUMS:
            windows += [_negative(usage) for usage in tally(rows)]
        else:
            anew = _stated_anew(logs, bookings, (key, aggregation), rows, evidence)
            if anew is None:
                waiting += rows
                continue
            windows.append(anew)
        done += rows
    return TakenBack(tuple(done), tuple(windows), tuple(waiting))


def _by_place(bookings: Bookings, rows: Iterable[UsageRow]) -> tuple[Mapping[Place, list[UsageRow]], list[UsageRow]]:
    """Return the rows as they were booked, by where, and those of which that cannot be told."""
    placed: defaultdict[Place, list[UsageRow]] = defaultdict(list)
    lost: list[UsageRow] = []
    for row in rows:
        place = bookings.place(row)
        if place is None:
            lost.append(row)
        else:
            placed[place].append(billed_as(row, *place))
    return placed, lost


def _stated_anew(
    logs: BucketLogs,
    bookings: Bookings,
    place: Place,
    voided: Sequence[UsageRow],
    evidence: Sequence[UsageRow],
) -> WindowUsage | None:
    key, _ = place
    before = logs.holds(*place)
    counting = {
        row["fingerprint"]: billed_as(row, *place)
        for row in evidence
        if logs.counts(row["fingerprint"]) and bookings.place(row) == place
    }
    if len(counting) != before.events:
        return None
    for row in voided:
        del counting[row["fingerprint"]]
    for usage in tally(counting.values()):
        return WindowUsage(usage.key, usage.events, usage.state, restates=True)
    return WindowUsage(key, 0, before.state, restates=True)


def _negative(usage: WindowUsage) -> WindowUsage:
    # Every digit that was added: a bare minus would round to the 28 of the default context.
    match usage.state:
        case SumState(total):
            return WindowUsage(usage.key, -usage.events, SumState(EXACT.minus(total)))
        case CountState(count):
            return WindowUsage(usage.key, -usage.events, CountState(-count))
        case AverageState(total, count):
            return WindowUsage(usage.key, -usage.events, AverageState(EXACT.minus(total), -count))
        case other:
            raise TypeError(f"{type(other).__name__} is no sum")
