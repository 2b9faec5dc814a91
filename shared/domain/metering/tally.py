"""From events to windows: each event falls into 15 minutes of UTC of its customer, meter and dimensions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import TypeAlias, TypedDict

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import (
    AggregateState,
    AverageState,
    CountState,
    LatestState,
    LevelsState,
    MaxState,
    MinState,
    SumState,
    TransactionsState,
    UniqueState,
    WindowKey,
    WindowUsage,
)
from shared.domain.metering.levels import Level, in_order
from shared.domain.metering.meter import Aggregation
from shared.domain.metering.transactions import Transaction, in_sequence
from shared.domain.money import EXACT
from shared.domain.time_period import parse_instant
from shared.domain.usage.event import Dimensions

MINUTE_TEXT = len("2026-01-15T10:20")


class UsageRow(TypedDict):
    """What the ledger needs of one billable event. Instants are fixed-width UTC text, quantities plain decimal text.

    A dictionary and not a dataclass: one is made for every event, and this is what a decoder makes fastest.
    """

    delivery: str
    source: str
    id: str
    subject: str
    occurred_at: str
    meter: str
    quantity: str
    unique_key: str | None
    dimensions: Dimensions
    fingerprint: str  # 32 hex digits: 12 bytes of identity, 4 of content
    customer: str
    aggregation: str


_Series: TypeAlias = tuple[str, str, datetime, Dimensions, str]
# A window before it is an object: customer, meter, start, dimensions, events, state, whether it restates.
Tallied: TypeAlias = tuple[str, str, datetime, Dimensions, int, AggregateState, bool]


def tally(rows: Iterable[UsageRow]) -> tuple[WindowUsage, ...]:
    """Count rows into windows. A meter whose aggregation changed has one entry for each."""
    return tuple(
        WindowUsage(WindowKey(CustomerId(customer), MeterCode(meter), start, dimensions), events, state, restates)
        for customer, meter, start, dimensions, events, state, restates in tally_lean(rows)
    )


def tally_lean(rows: Iterable[UsageRow]) -> list[Tallied]:
    """Count rows into windows for the hot path, which has no use for objects."""
    series: dict[_Series, list[UsageRow]] = {}
    for row in rows:
        key = (
            row["customer"],
            row["meter"],
            window_start(row["occurred_at"][:MINUTE_TEXT]),
            row["dimensions"],
            row["aggregation"],
        )
        if key in series:
            series[key].append(row)
        else:
            series[key] = [row]
    return [
        (customer, meter, start, dimensions, len(members), _state(aggregation, members), False)
        for (customer, meter, start, dimensions, aggregation), members in series.items()
    ]


@lru_cache(maxsize=16_384)
def window_start(minute: str) -> datetime:
    """Return the start (UTC) of the window that holds a minute, written as YYYY-MM-DDTHH:MM."""
    instant = parse_instant(f"{minute}:00Z")
    return instant.replace(minute=instant.minute - instant.minute % 15)


def _state(  # noqa: PLR0911 - one for each aggregation
    aggregation: str, rows: Sequence[UsageRow]
) -> AggregateState:
    match aggregation:
        case Aggregation.SUM:
            return SumState(_total(rows))
        case Aggregation.COUNT:
            return CountState(len(rows))
        case Aggregation.MAX:
            return MaxState(max(Decimal(row["quantity"]) for row in rows))
        case Aggregation.MIN:
            return MinState(min(Decimal(row["quantity"]) for row in rows))
        case Aggregation.AVERAGE:
            return AverageState(_total(rows), len(rows))
        case Aggregation.LATEST:
            return LatestState(*max(map(_level, rows)))
        case Aggregation.UNIQUE:
            return UniqueState(frozenset(map(_unique_hash, rows)))
        case Aggregation.WEIGHTED_SUM:
            return LevelsState(in_order(map(_level, rows)))
        case Aggregation.TRANSACTIONS:
            return TransactionsState(in_sequence(map(_transaction, rows)))
        case _:
            raise ValueError(f"no aggregation is called {aggregation!r}")


def _total(rows: Sequence[UsageRow]) -> Decimal:
    total = Decimal(rows[0]["quantity"])
    for row in rows[1:]:
        total = EXACT.add(total, Decimal(row["quantity"]))
    return total


def _level(row: UsageRow) -> Level:
    return Level(parse_instant(row["occurred_at"]), row["source"], row["id"], Decimal(row["quantity"]))


def _transaction(row: UsageRow) -> Transaction:
    return Transaction(*_level(row))


def _unique_hash(row: UsageRow) -> str:
    """Hash what a unique meter counts, per customer and meter. An event that names nothing is unique by itself."""
    named = row["unique_key"]
    what = ("event", row["source"], row["id"]) if named is None else ("key", named)
    return blake2b("\0".join((row["customer"], row["meter"], *what)).encode(), digest_size=12).hexdigest()
