"""What arrived under a contract that no meter bills."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.exception_record import ExceptionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """It stays in the archive and is counted. `fault` says how it breaks its contract: nobody is asked to mend it.

    `occurred_at` is UTC, and None where it cannot be read.
    """

    contract: str
    source: str
    event_id: str
    occurred_at: datetime | None = None
    fault: ExceptionCode | None = None
