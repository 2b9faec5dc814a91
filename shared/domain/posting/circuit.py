"""Whether an ERP is called at all: after failures that follow each other it is left alone, then tried with one call."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FAILURES_THAT_OPEN = 5  # in a row, as one process counts them
LEFT_ALONE_FOR = timedelta(seconds=60)


class CircuitState(StrEnum):
    CLOSED = "closed"  # calls go through
    OPEN = "open"  # nothing is sent
    PROBING = "probing"  # one caller tries whether the ERP is back


class Health(StrEnum):
    """What one call tells of an ERP."""

    UP = "up"  # it has answered, be it with a refusal
    DOWN = "down"  # no answer, or one that only a broken system gives
    UNTOLD = "untold"  # the call was not made


@dataclass(frozen=True, slots=True)
class Circuit:
    """`until` is when the ERP may be tried again; None while it is closed."""

    state: CircuitState
    until: datetime | None = None
