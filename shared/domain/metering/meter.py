"""What is measured, and how many events become one quantity."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.identifiers import MeterCode
from shared.domain.metering.expression import Filter, Formula


class Aggregation(StrEnum):
    """See docs/guides/meters.md for what each makes of the events of a period."""

    SUM = "sum"
    COUNT = "count"
    MAX = "max"
    MIN = "min"
    LATEST = "latest"
    AVERAGE = "average"
    UNIQUE = "unique"
    WEIGHTED_SUM = "weighted_sum"
    TRANSACTIONS = "transactions"


# An event of these states how much there is from then on: it carries into later periods.
LEVELS = frozenset({Aggregation.LATEST, Aggregation.WEIGHTED_SUM})
# What one event added to these can be taken off again without looking at the others.
SUMS = frozenset({Aggregation.SUM, Aggregation.COUNT, Aggregation.AVERAGE})
# A meter that keeps this dimension may measure money: what an event carries is never rounded.
CURRENCY_DIMENSION = "currency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A meter of the catalogue. Only the dimensions named here are kept in the ledger; others are dropped.

    It measures events that go by `event`, its own code unless it says otherwise, and of these the ones that its filter
    takes, if it has one. Without a formula the quantity measured is the event's own.
    """

    code: MeterCode
    name: str
    unit: str
    aggregation: Aggregation
    dimensions: tuple[str, ...] = ()
    event: str = ""
    filter: Filter | None = None
    quantity: Formula | None = None

    def __post_init__(self) -> None:
        if not self.event:
            object.__setattr__(self, "event", self.code)
