"""How much of a meter was used so far: the number that a limit is compared with."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from shared.domain.identifiers import MeterCode
from shared.domain.metering.aggregate import AggregateState, LevelsState, WindowUsage, merge, quantity_of
from shared.domain.money import EXACT
from shared.domain.usage.event import Dimensions


def used_of(meter: MeterCode, windows: Iterable[WindowUsage]) -> Decimal:
    """Return the quantity of a meter over all windows, in its unit; of levels how much there is now.

    Raises StatesDoNotMergeError when the meter's aggregation was changed within these windows.
    """
    states: defaultdict[Dimensions, list[AggregateState]] = defaultdict(list)
    for window in windows:
        if window.key.meter == meter:
            # A level is one of its dimensions; every other state is read over all of them.
            states[window.key.dimensions if isinstance(window.state, LevelsState) else ()].append(window.state)
    total = Decimal(0)
    for members in states.values():
        total = EXACT.add(total, quantity_of(merge(*members)))
    return total
