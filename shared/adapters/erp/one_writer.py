"""One writer at a time for a new customer, where the ERP would take a second one with our key."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.posting.customer_creation import Creation
from shared.domain.posting.outcome import Throttled
from shared.ports.clock import Clock
from shared.ports.customer_creations import CustomerCreations


@dataclass(frozen=True, slots=True, kw_only=True)
class OneWriter:
    """Creations at one connection, whose ERP still commits what it got until `quiet_period` later."""

    connection: str
    quiet_period: timedelta
    creations: CustomerCreations
    clock: Clock

    def begin(self, key: str, *, looked_up_at: datetime) -> Creation | Throttled:
        """Begin the creation of a customer that was looked up then and not found; Throttled where another may come."""
        creation = Creation.begun(self.clock.now(), quiet_period=self.quiet_period)
        other = self.creations.begin(self.connection, key, creation, looked_up_at=looked_up_at)
        if other is None:
            return creation
        return Throttled(other.asked_again_after(self.clock.now()), "the customer is being created already")

    def lost(self, key: str, creation: Creation) -> Throttled:
        """Leave a creation alone that has come to nobody knows what, for the quiet period."""
        self.creations.end(self.connection, key, creation, at=self.clock.now() + self.quiet_period)
        return Throttled(math.ceil(self.quiet_period.total_seconds()), "the customer may still be created")

    def refused(self, key: str, creation: Creation) -> None:
        """Let anybody begin again: the ERP has certainly not created the customer."""
        self.creations.end(self.connection, key, creation, at=self.clock.now())
