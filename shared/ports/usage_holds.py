"""Holds that keep a customer's invoices back while its usage is in doubt (a conflict, a recount that differs)."""

from typing import Protocol

from shared.domain.identifiers import CustomerId


class UsageHolds(Protocol):
    def place(self, customer_id: CustomerId, period_name: str, reason: str) -> None: ...

    def reasons(self, customer_id: CustomerId, period_name: str) -> tuple[str, ...]:
        """Return why the customer's invoices of a billing period (YYYY-MM) are held; empty when they are not."""
