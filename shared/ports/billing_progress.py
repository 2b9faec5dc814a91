"""How far contracts are billed, as the last bill run found it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from shared.domain.identifiers import ContractId
from shared.domain.invoicing.billing_progress import BillingProgress


class BillingProgresses(Protocol):
    def read_many(self, contract_ids: Collection[ContractId]) -> Mapping[ContractId, BillingProgress]:
        """Return what is stored of these contracts; others are absent.

        What was worked out before a finished period was opened again stands no more, whenever it was stored.
        """

    def save_many(self, progresses: Sequence[BillingProgress]) -> None:
        """Store each in place of what is stored of its contract. What was stored when it fails stays stored."""
