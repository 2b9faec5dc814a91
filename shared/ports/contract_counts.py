"""How many events arrived in which contract version, and what became of them: for dashboards, never for totals."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias


class ContractOutcome(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    TELEMETRY = "telemetry"
    HEARTBEAT = "heartbeat"


# By version ("usage:2"); "" is all those that are not known.
CountsByContract: TypeAlias = Mapping[ContractOutcome, Mapping[str, int]]


class ContractCounts(Protocol):
    def record(self, counts: CountsByContract, at: datetime) -> None:
        """Record what became of one batch, which arrived by `at` (UTC). A batch that comes again is counted again."""
