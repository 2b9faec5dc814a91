"""What issued invoices have read of a customer's usage, for those who look for usage that came later."""

from datetime import datetime
from typing import Protocol

from shared.domain.identifiers import CustomerId
from shared.domain.metering.reading import UsageManifest


class RatedManifests(Protocol):
    def manifests(self, customer_id: CustomerId, window_start: datetime) -> tuple[UsageManifest, ...]:
        """Return the manifest of every issued invoice of the customer whose period holds the window (UTC).

        Only the newest revision of each invoice counts. Empty while the window was not billed yet.
        """
