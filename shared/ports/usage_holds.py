"""Holds that keep a customer's invoices back while its usage is in doubt (a conflict, a recount that differs)."""

from collections.abc import Mapping
from typing import Protocol

from shared.domain.identifiers import CustomerId


class UsageHolds(Protocol):
    """A hold is (customer, billing period YYYY-MM, reason). The reason is the id of the exception behind it."""

    def place(self, customer_id: CustomerId, period_name: str, reason: str) -> None:
        """Hold the customer's invoices of the period. A hold that was released for this reason stays released."""

    def release(self, customer_id: CustomerId, period_name: str, reason: str) -> None:
        """Lift the hold for this reason; others stay."""

    def reasons(self, customer_id: CustomerId, period_name: str) -> tuple[str, ...]:
        """Return why the customer's invoices of a billing period (YYYY-MM) are held; empty when they are not."""

    def held(self, period_name: str) -> Mapping[CustomerId, tuple[str, ...]]:
        """Return every customer that is held in a billing period, with the reasons."""
