"""How the customers of a legal entity stand in its ERP, a few at a time."""

from dataclasses import dataclass
from itertools import islice

from shared.domain.identifiers import CustomerId, LegalEntityId
from shared.domain.master_data.customer import Customer
from shared.domain.posting.compose import party_of
from shared.domain.posting.customer_alignment import Alignment, alignment
from shared.domain.posting.outcome import LookupFailed, Unreached
from shared.domain.posting.readings import NotSupported
from shared.ports.erp import ReadableErp, ReadableErpRouting
from shared.ports.master_data import MasterData

MOST_AT_ONCE = 50  # each is a call or two to the ERP
CUSTOMERS_AT_ONCE = 100  # what one read of the master data takes


class CustomersNotAskedError(LookupError):
    """There is no such legal entity, or its ERP shows no customers to anybody; the text says which."""


class CustomersNotReadError(RuntimeError):
    """The ERP did not tell; the text says why."""


@dataclass(frozen=True, slots=True)
class AlignedPage:
    """`next_after` continues after the last of these; None when there is no other customer."""

    alignments: tuple[Alignment, ...]
    next_after: CustomerId | None


def align_customers(
    legal_entity_id: LegalEntityId, after: CustomerId | None, *, master_data: MasterData, erps: ReadableErpRouting
) -> AlignedPage:
    """Return the next customers that documents of the entity go to.

    Raises CustomersNotAskedError and CustomersNotReadError.
    """
    known = sorted(entity.legal_entity_id for entity in master_data.legal_entities())
    if legal_entity_id not in known:
        raise CustomersNotAskedError(f"the catalogue has no legal entity {legal_entity_id}; it has {', '.join(known)}")
    erp = erps.erp_for(legal_entity_id)
    wanted = sorted(one for one in _buyers(legal_entity_id, master_data) if after is None or one > after)
    page = wanted[:MOST_AT_ONCE]
    accounts = master_data.accounts(page)
    customers = (accounts[customer_id].customer for customer_id in page if customer_id in accounts)
    alignments = tuple(_aligned(customer, legal_entity_id, erp) for customer in customers)
    return AlignedPage(alignments, page[-1] if len(wanted) > MOST_AT_ONCE else None)


def _buyers(legal_entity_id: LegalEntityId, master_data: MasterData) -> set[CustomerId]:
    """Return whom documents of the entity go to; reads all customers, a hundred at a time."""
    every = master_data.customer_ids()
    buyers: set[CustomerId] = set()
    while some := list(islice(every, CUSTOMERS_AT_ONCE)):
        contracts = (one for account in master_data.accounts(some).values() for one in account.contracts)
        buyers |= {contract.buyer_id for contract in contracts if contract.legal_entity_id == legal_entity_id}
    return buyers


def _aligned(customer: Customer, legal_entity_id: LegalEntityId, erp: ReadableErp) -> Alignment:
    party = party_of(customer)
    match erp.find_customers(party):
        case NotSupported(reason=reason):
            raise CustomersNotAskedError(f"customers of {legal_entity_id} are not shown by this ERP: {reason}")
        case Unreached(reason=reason):
            raise CustomersNotReadError(f"{legal_entity_id}: {reason}")
        case LookupFailed(reason=reason):
            raise CustomersNotReadError(f"{legal_entity_id} does not tell of {customer.customer_id}: {reason}")
        case found:
            return alignment(party, found)
