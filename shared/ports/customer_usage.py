"""Usage as rating reads it: sealed windows of one customer plus the late log so far."""

from datetime import datetime
from typing import Protocol

from shared.domain.identifiers import CustomerId
from shared.domain.metering.reading import UsageReading
from shared.domain.time_period import Period


class NotSealedError(RuntimeError):
    """Usage was asked for of a period that is not sealed to its end: more may be counted into it."""


class CustomerUsage(Protocol):
    def sealed_through(self) -> datetime | None:
        """Return the instant (UTC) before which every slice is sealed; None before the first seal."""

    def read(self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period) -> UsageReading:
        """Return the customer's windows inside the period, late log included; one window may come several times.

        `subjects` are all names that producers use for the customer. Raises NotSealedError before the period is sealed.
        """
