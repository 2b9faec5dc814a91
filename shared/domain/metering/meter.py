"""What is measured, and how many events become one quantity."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.identifiers import MeterCode


class Aggregation(StrEnum):
    SUM = "sum"
    COUNT = "count"
    MAX = "max"
    LATEST = "latest"
    UNIQUE = "unique"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A meter of the catalogue. Only the dimensions named here are kept in the ledger; others are dropped."""

    code: MeterCode
    name: str
    unit: str
    aggregation: Aggregation
    dimensions: tuple[str, ...] = ()
