"""What bill runs remember of billing accounts, in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from shared.domain.identifiers import ContractId, InvoiceId
from shared.domain.invoicing.billing_progress import BillingProgress, no_progress
from shared.domain.invoicing.parking import ParkedAccount


class InMemoryBillingProgresses:
    def __init__(self) -> None:
        self._stored: dict[ContractId, BillingProgress] = {}
        self._reopened: dict[ContractId, str] = {}

    def read_many(self, contract_ids: Collection[ContractId]) -> Mapping[ContractId, BillingProgress]:
        read = ((one, self._read(one)) for one in contract_ids)
        return {one: progress for one, progress in read if progress is not None}

    def save_many(self, progresses: Sequence[BillingProgress]) -> None:
        self._stored.update({one.contract_id: one for one in progresses})

    def reopen(self, contract_id: ContractId, *, by: str) -> None:
        """Do what the repair of a posting, or a void, does in its transaction."""
        self._reopened[contract_id] = by

    def _read(self, contract_id: ContractId) -> BillingProgress | None:
        stored, by = self._stored.get(contract_id), self._reopened.get(contract_id, "")
        if stored is not None and stored.reopened_by == by:
            return stored
        return no_progress(contract_id, reopened_by=by) if by else None


class InMemoryParkedAccounts:
    def __init__(self) -> None:
        self._stored: dict[InvoiceId, ParkedAccount] = {}

    def read(self, invoice_id: InvoiceId) -> ParkedAccount | None:
        return self._stored.get(invoice_id)

    def every(self) -> Iterator[ParkedAccount]:
        return (account for _, account in sorted(self._stored.items()))

    def save(self, account: ParkedAccount) -> None:
        self._stored[account.invoice_id] = account
