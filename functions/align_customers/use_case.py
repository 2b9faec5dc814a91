"""How the customers of a legal entity stand in its ERP, a few at a time."""

from dataclasses import dataclass
from itertools import islice

from shared.domain.identifiers import CustomerId, LegalEntityId
from shared.domain.master_data.customer import Customer
from shared.domain.posting.compose import party_of
from shared.domain.posting.customer_alignment import Alignment, alignment
from shared.domain.posting.outcome import LookupFailed
from shared.ports.erp import ReadableErp
from shared.ports.master_data import MasterData

MOST_AT_ONCE = 50  # each is a call or two to the ERP
CUSTOMERS_AT_ONCE = 100  # what one read of the master data takes


class CustomersNotReadError(RuntimeError):
    """The ERP did not tell; the text says why."""


@dataclass(frozen=True, slots=True)
class AlignedPage:
    """`next_after` continues after the last of these; None when there is no other customer."""

    alignments: tuple[Alignment, ...]
    next_after: CustomerId | None


def align_customers(
    legal_entity_id: LegalEntityId, after: CustomerId | None, *, master_data: MasterData, erp: ReadableErp
) -> AlignedPage:
    """Return the next customers that documents of the entity go to. Raises CustomersNotReadError."""
    wanted = sorted(one for one in _buyers(legal_entity_id, master_data) if after is None or one > after)
    page = wanted[:MOST_AT_ONCE]
    accounts = master_data.accounts(page)
    alignments = tuple(_aligned(accounts[customer_id].customer, erp) for customer_id in page if customer_id in accounts)
    return AlignedPage(alignments, page[-1] if len(wanted) > MOST_AT_ONCE else None)


def _buyers(legal_entity_id: LegalEntityId, master_data: MasterData) -> set[CustomerId]:
    """Return whom documents of the entity go to; reads all customers, a hundred at a time."""
    every = master_data.customer_ids()
    buyers: set[CustomerId] = set()
    while some := list(islice(every, CUSTOMERS_AT_ONCE)):
        contracts = (one for account in master_data.accounts(some).values() for one in account.contracts)
        buyers |= {contract.buyer_id for contract in contracts if contract.legal_entity_id == legal_entity_id}
    return buyers


def _aligned(customer: Customer, erp: ReadableErp) -> Alignment:
    party = party_of(customer)
    found = erp.find_customers(party)
    if isinstance(found, LookupFailed):
        raise CustomersNotReadError(f"{customer.customer_id}: {found.reason}")
    return alignment(party, found)
