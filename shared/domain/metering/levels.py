"""Levels: an event says how much there is from then on, and it holds until the next event of its group says otherwise.

A level belongs to customer, meter and dimensions. It carries into every later period until it changes.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from shared.domain.metering.exact_quantity import as_quantity
from shared.domain.money import EXACT
from shared.domain.time_period import Period

_MICROSECOND = timedelta(microseconds=1)


class Level(NamedTuple):
    """How much there is from an instant (UTC) on. Of two at one instant the greater (source, event_id) holds."""

    occurred_at: datetime
    source: str
    event_id: str
    value: Decimal


class LevelChange(NamedTuple):
    """So many units more, or fewer, for a share of the billing period: from then on until the end of the span."""

    units: Decimal
    share: Fraction


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


def level_changes(groups: Iterable[Iterable[Level]], span: Period, *, over: timedelta) -> tuple[LevelChange, ...]:
    """Return how the groups' levels, added, moved within a span that has an end, as average_level() sees them.

    Each change has the share of `over` from then until the end of the span; the first is what the span opens with.
    """
    assert span.end is not None, "an open span has no changes that can be weighed"
    moved: defaultdict[datetime, Decimal] = defaultdict(Decimal)
    for levels in groups:
        before = Decimal(0)
        for level in in_order(levels):
            if level.occurred_at < span.end:
                since = max(level.occurred_at, span.start)
                moved[since] = EXACT.add(moved[since], EXACT.subtract(level.value, before))
                before = level.value
    return tuple(
        LevelChange(moved[since], Fraction((span.end - since) // _MICROSECOND, over // _MICROSECOND))
        for since in sorted(moved)
        if moved[since]
    )


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
