"""Levels: an event says how much there is from then on, and it holds until the next event of its group says otherwise.

A level belongs to customer, meter and dimensions. It carries into every later period until it changes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from shared.domain.metering.exact_quantity import as_quantity
from shared.domain.time_period import Period

_MICROSECOND = timedelta(microseconds=1)


class Level(NamedTuple):
    """How much there is from an instant (UTC) on. Of two at one instant the greater (source, event_id) holds."""

    occurred_at: datetime
    source: str
    event_id: str
    value: Decimal


def in_order(levels: Iterable[Level]) -> tuple[Level, ...]:
    """Sort levels by time, with the one that holds where several were reported at one instant."""
    holding: dict[datetime, Level] = {}
    for level in levels:
        known = holding.get(level.occurred_at)
        if known is None or level > known:
            holding[level.occurred_at] = level
    return tuple(holding[instant] for instant in sorted(holding))


def average_level(groups: Iterable[Iterable[Level]], span: Period, *, over: timedelta) -> Decimal:
    """Return each group's level times time within a span that has an end, added and divided by a length of time.

    What a group reported before the span is the level that it opens with; without any it opens with zero. Exact to the
    microsecond; only the quotient may be rounded, see as_quantity().
    """
    area = sum((_area(levels, span) for levels in groups), Fraction(0))
    return as_quantity(area / (over // _MICROSECOND))


def _area(levels: Iterable[Level], span: Period) -> Fraction:
    """Return level times microseconds."""
    assert span.end is not None, "an open span has no average"
    opening = Level(span.start, "", "", Decimal(0))
    ordered = (opening, *(level for level in in_order(levels) if level.occurred_at < span.end))
    area = Fraction(0)
    for level, following in pairwise((*ordered, opening._replace(occurred_at=span.end))):
        # What was reported before the span holds from its start on, for no time at all if more was reported before it.
        held = max(following.occurred_at, span.start) - max(level.occurred_at, span.start)
        area += Fraction(level.value) * (held // _MICROSECOND)
    return area
