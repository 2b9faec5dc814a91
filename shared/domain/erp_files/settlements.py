"""A receiver's files of settlements, which are read by their numbers: one that cannot be keeps the others waiting."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# A file may be read while the receiver writes it, or come after the next one: most of it mends itself.
PATIENCE: Final = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckSettlements:
    """The number that could not be read when its turn came, since when, and whether a person was told."""

    sequence: int
    since: datetime
    told: bool = False

    def is_to_be_told(self, now: datetime) -> bool:
        return now - self.since >= PATIENCE


def settlements_name(company: str, sequence: int) -> str:
    return f"settlements.{company}.{sequence:06d}.csv"
