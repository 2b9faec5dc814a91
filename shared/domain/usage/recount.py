"""What archive and ledger say of a window, each in figures that the other can be held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from shared.domain.metering.aggregate import AverageState, LevelsState, WindowKey, WindowUsage, quantity_of
from shared.domain.metering.layout import WINDOW
from shared.domain.metering.levels import Level
from shared.domain.money import EXACT
from shared.domain.usage.fingerprint import plain_quantity

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """What one side says of a window. The quantity is the one that the aggregation makes of the window alone.

    Two aggregations are compared before anything is rounded or carried in: an average by its total, a weighted sum by
    its own levels, each times the seconds that it holds in the window.
    """

    events: int
    quantity: Decimal

    def __str__(self) -> str:
        return f"{self.events} events, {plain_quantity(self.quantity)}"


@dataclass(frozen=True, slots=True)
class Difference:
    """A window of which archive and ledger say different things."""

    key: WindowKey
    ledger: Counted
    archive: Counted

    def __str__(self) -> str:
        dimensions = "".join(f" {name}={value}" for name, value in self.key.dimensions)
        window = f"{self.key.meter} {self.key.window_start:%Y-%m-%dT%H:%MZ}{dimensions}"
        return f"{window}: ledger {self.ledger}; archive {self.archive}"


def counted_by_ledger(usage: WindowUsage) -> Counted:
    """Return what the ledger says of a window, in figures that a recount comes to as well."""
    match usage.state:
        case AverageState(total=total):
            quantity = total
        case LevelsState(levels):
            quantity = _level_seconds(levels, usage.key.window_start + WINDOW)
        case state:
            quantity = quantity_of(state)
    return Counted(usage.events, quantity)


def _level_seconds(levels: Sequence[Level], end: datetime) -> Decimal:
    """Return each level times the seconds until the next one, the last one until the end of the window."""
    ends = (*(level.occurred_at for level in levels[1:]), end)
    total = Decimal(0)
    for level, until in zip(levels, ends, strict=True):
        total = EXACT.fma(level.value, Decimal((until - level.occurred_at) // _MICROSECOND), total)
    return total.scaleb(-6, EXACT)
