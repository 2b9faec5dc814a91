"""Who creates which customer in an ERP that would take a second one with its key (domain/posting/customer_creation)."""

from datetime import datetime
from typing import Protocol

from shared.domain.posting.customer_creation import Creation


class CustomerCreations(Protocol):
    """Creations by connection and our key of the customer."""

    def begin(self, connection: str, key: str, creation: Creation, *, looked_up_at: datetime) -> Creation | None:
        """Begin a creation, after a look-up at that instant has not found the customer.

        Return the one that stands in its way: another, of which such a look-up proves nothing. None: go on.
        """

    def end(self, connection: str, key: str, creation: Creation, *, at: datetime) -> None:
        """Have a creation that was begun stand until another instant. One that has ended is left alone."""
