"""Holds that keep a customer's invoices back while its usage is in doubt (a conflict, a recount that differs)."""

from collections.abc import Mapping
from typing import Protocol

from shared.domain.identifiers import CustomerId


class UsageHolds(Protocol):
    """A hold is (customer, month YYYY-MM of its calendar, reason). The reason is the id of the exception behind it.

    An invoice is held as long as any month that its billing period has a part in is.
    """

    def place(self, customer_id: CustomerId, period_name: str, reason: str) -> None:
        """Hold the customer's invoices of the month. A hold that was released for this reason stays released."""

    def release(self, customer_id: CustomerId, period_name: str, reason: str) -> None:
        """Lift the hold for this reason; others stay."""

    def reasons(self, customer_id: CustomerId, *period_names: str) -> tuple[str, ...]:
        """Return why the customer's invoices of any of the months are held; empty when they are not."""

    def held(self, period_name: str) -> Mapping[CustomerId, tuple[str, ...]]:
        """Return every customer that is held in a month, with the reasons."""
