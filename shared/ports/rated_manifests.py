"""What invoices have read of a customer's usage, for those who look for usage that no invoice will read."""

from typing import Protocol

from shared.domain.metering.aggregate import WindowKey
from shared.domain.metering.reading import UsageManifest


class RatedManifests(Protocol):
    def of_closed_billing(self, window: WindowKey) -> tuple[tuple[UsageManifest, ...], ...]:
        """Return, for each contract that charges the window, what all its invoices have read of the window's period.

        A contract of which an invoice is still to come that would read the period is left out.
        """
