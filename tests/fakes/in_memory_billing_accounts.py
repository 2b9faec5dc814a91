"""What bill runs remember of billing accounts, in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from shared.domain.identifiers import ContractId, InvoiceId
from shared.domain.invoicing.billing_progress import BillingProgress
from shared.domain.invoicing.parking import ParkedAccount


class InMemoryBillingProgresses:
    def __init__(self) -> None:
        self._stored: dict[ContractId, BillingProgress] = {}

    def read_many(self, contract_ids: Collection[ContractId]) -> Mapping[ContractId, BillingProgress]:
        return {one: self._stored[one] for one in contract_ids if one in self._stored}

    def save_many(self, progresses: Sequence[BillingProgress]) -> None:
        self._stored.update({one.contract_id: one for one in progresses})

    def forget(self, contract_id: ContractId) -> None:
        """Do what the repair of a posting does in its transaction."""
        self._stored.pop(contract_id, None)


class InMemoryParkedAccounts:
    def __init__(self) -> None:
        self._stored: dict[InvoiceId, ParkedAccount] = {}

    def read(self, invoice_id: InvoiceId) -> ParkedAccount | None:
        return self._stored.get(invoice_id)

    def every(self) -> Iterator[ParkedAccount]:
        return (account for _, account in sorted(self._stored.items()))

    def save(self, account: ParkedAccount) -> None:
        self._stored[account.invoice_id] = account
