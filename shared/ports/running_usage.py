"""What a customer has used up to this moment, sealed or not: for entitlements and dashboards, never for an invoice."""

from typing import Protocol

from shared.domain.identifiers import CustomerId
from shared.domain.metering.reading import UsageSoFar
from shared.domain.time_period import Period


class RunningUsage(Protocol):
    def of(self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period) -> UsageSoFar:
        """Return the customer's windows inside the period, one entry a window and aggregation, late usage included.

        `subjects` are all names under which the customer may have used something in the period. Usage that lies ahead
        of the clock by more than may enter is not looked for, so an open period costs no more than one that ends.
        """
