"""Amendments that are recorded beside the published catalogue, and what they make of the contracts in it.

They outlive every publication. One that a later catalogue states itself, word for word, counts once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from shared.domain.identifiers import CatalogVersion, ContractId
from shared.domain.master_data.catalog import Contract, CustomerAccount
from shared.domain.subscriptions.amendment import Amendment
from shared.domain.subscriptions.amendment_request import AmendmentRequestId
from shared.domain.subscriptions.amendments import Refused, amended


class AmendmentsDoNotFitError(ValueError):
    """Recorded amendments contradict the contract they are for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterDataStanding:
    """What master data is at one moment: a published version, and how many changes of amendments were recorded."""

    version: CatalogVersion
    changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAmendment:
    """`since` and `until` number the changes by which it was recorded and withdrawn."""

    request_id: AmendmentRequestId
    contract_id: ContractId
    amendment: Amendment
    since: int
    until: int | None = None

    def stands_after(self, changes: int) -> bool:
        return self.since <= changes and (self.until is None or changes < self.until)


def with_recorded(account: CustomerAccount, recorded: Iterable[RecordedAmendment]) -> CustomerAccount:
    """Return the account as amendments have it that are recorded; raises AmendmentsDoNotFitError with each reason."""
    zone, contracts = account.customer.time_zone, {one.contract_id: one for one in account.contracts}
    added: dict[ContractId, list[Amendment]] = {}
    for one in recorded:
        if one.contract_id not in contracts:
            raise AmendmentsDoNotFitError(f"{one.request_id} amends {one.contract_id}, which is not there")
        if one.amendment not in contracts[one.contract_id].amendments:
            added.setdefault(one.contract_id, []).append(one.amendment)
    for contract_id, amendments in added.items():
        contract = contracts[contract_id]
        outcome = amended_contract(contract, (*contract.amendments, *amendments), zone)
        if isinstance(outcome, Refused):
            raise AmendmentsDoNotFitError(f"recorded amendments of {contract_id}: {'; '.join(reasons(outcome))}")
        contracts[contract_id] = outcome
    return replace(account, contracts=tuple(contracts.values()))


def amended_contract(contract: Contract, amendments: tuple[Amendment, ...], zone: ZoneInfo) -> Contract | Refused:
    """Return the contract with these amendments in place of those it has."""
    agreed = contract.agreed or contract.subscriptions
    outcome = amended(agreed, amendments, contract=contract.active, zone=zone)
    if isinstance(outcome, Refused):
        return outcome
    return replace(contract, subscriptions=outcome, agreed=agreed if amendments else (), amendments=amendments)


def without(contract: Contract, amendment: Amendment, zone: ZoneInfo) -> Contract | Refused:
    """Return the contract as if an amendment had never been, or why the others need it."""
    return amended_contract(contract, tuple(one for one in contract.amendments if one != amendment), zone)


def reasons(refused: Refused) -> tuple[str, ...]:
    return tuple(refusal.message for refusal in refused.refusals)
