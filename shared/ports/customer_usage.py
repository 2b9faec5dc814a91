"""Usage as rating reads it: sealed windows of one customer plus the late log so far."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.reading import LateUsage, UsageManifest, UsageReading
from shared.domain.time_period import Period


class NotSealedError(RuntimeError):
    """Usage was asked for of a period that is not sealed to its end: more may be counted into it."""


class CustomerUsage(Protocol):
    def sealed_through(self) -> datetime | None:
        """Return the instant (UTC) before which every slice is sealed; None before the first seal."""

    def read(
        self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period, *, after: Sequence[UsageManifest] = ()
    ) -> UsageReading:
        """Return the customer's windows inside the period, late log included; one window may come several times.

        `subjects` are all names that producers use for the customer. `after` are the manifests of earlier reads, whose
        places are read again whatever its names are now. Raises NotSealedError before the period is sealed.
        """

    def read_again(
        self, customer_id: CustomerId, period: Period, manifests: Sequence[UsageManifest]
    ) -> tuple[WindowUsage, ...]:
        """Return the windows inside the period that the reads behind the manifests have seen, and nothing newer."""

    def late(
        self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period, *, after: Sequence[UsageManifest]
    ) -> tuple[LateUsage, ...]:
        """Return what the late logs hold of the customer inside the period, in the places that read() looks at."""
