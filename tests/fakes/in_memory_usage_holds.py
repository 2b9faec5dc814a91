"""Holds on customers' invoices in memory."""

from collections import defaultdict
from collections.abc import Mapping

from shared.domain.identifiers import CustomerId


class InMemoryUsageHolds:
    def __init__(self) -> None:
        self._placed: dict[tuple[CustomerId, str], set[str]] = defaultdict(set)
        self._released: set[tuple[CustomerId, str, str]] = set()

    def place(self, customer_id: CustomerId, period_name: str, reason: str) -> None:
        if (customer_id, period_name, reason) not in self._released:
            self._placed[customer_id, period_name].add(reason)

    def release(self, customer_id: CustomerId, period_name: str, reason: str) -> None:
        self._released.add((customer_id, period_name, reason))
        self._placed[customer_id, period_name].discard(reason)

    def reasons(self, customer_id: CustomerId, *period_names: str) -> tuple[str, ...]:
        return tuple(sorted({reason for name in period_names for reason in self._placed[customer_id, name]}))

    def held(self, period_name: str) -> Mapping[CustomerId, tuple[str, ...]]:
        placed = {customer_id: reasons for (customer_id, name), reasons in self._placed.items() if name == period_name}
        return {customer_id: tuple(sorted(reasons)) for customer_id, reasons in placed.items() if reasons}
