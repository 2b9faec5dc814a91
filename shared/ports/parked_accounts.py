"""Billing accounts that bill runs leave out."""

from collections.abc import Iterator
from typing import Protocol

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.parking import ParkedAccount


class ParkedAccounts(Protocol):
    """Accounts that were ever parked, by invoice id; few."""

    def read(self, invoice_id: InvoiceId) -> ParkedAccount | None: ...

    def every(self) -> Iterator[ParkedAccount]:
        """Yield all that were ever parked, released ones too, by invoice id."""

    def save(self, account: ParkedAccount) -> None:
        """Store it in place of what is stored of the account; saving it again changes nothing."""
