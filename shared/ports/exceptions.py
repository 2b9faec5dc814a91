"""Where a use case reports what it could not do. Reporting is durable before it returns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.exception_record import ExceptionRecord
from shared.domain.identifiers import ExceptionId


class ExceptionReporter(Protocol):
    def report(self, records: Sequence[ExceptionRecord]) -> None:
        """Hand the records over durably; the same record twice opens one exception."""

    def resolve(self, exception_id: ExceptionId, resolution: str, resolved_at: datetime) -> None:
        """Close an exception, open or still on its way; closing it twice changes nothing."""
