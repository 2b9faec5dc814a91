"""Contracts that share an invoice agree on all that it says once, and are billed by the same periods."""

from collections import defaultdict
from collections.abc import Iterator

from shared.domain.identifiers import ContractId
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Contract
from shared.domain.master_data.draft import CatalogDraft, Entry
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.index import CatalogIndex

# One transaction issues all bills, and changes how up to six earlier invoices of each stand: at most 100 items.
MOST_MEMBERS = 12


def contracts_that_share_no_invoice(draft: CatalogDraft, index: CatalogIndex) -> Iterator[Issue]:
    members: defaultdict[ContractId, list[Entry[Contract]]] = defaultdict(list)
    for entry in draft.contracts:
        lead = index.contracts.get(entry.record.invoiced_with) if entry.record.invoiced_with is not None else None
        if lead is not None:
            members[lead.record.contract_id].append(entry)
            for why in _why_not(entry.record, lead.record, index):
                yield _fault(entry, why)
    for lead_id, entries in members.items():
        for entry in entries[MOST_MEMBERS:]:
            yield _fault(entry, f"{len(entries)} contracts are invoiced with {lead_id}, and {MOST_MEMBERS} fit")


def _fault(entry: Entry[Contract], why: str) -> Issue:
    return fault(CatalogFaultCode.CANNOT_SHARE_INVOICE, f"{entry.path}.invoiced_with", why)


def _why_not(member: Contract, lead: Contract, index: CatalogIndex) -> Iterator[str]:
    if lead.contract_id == member.contract_id:
        yield "a contract is not invoiced with itself: leave invoiced_with out"
        return
    if lead.invoiced_with is not None:
        yield f"{lead.contract_id} is invoiced with {lead.invoiced_with} itself: name that one"
    for what, own, leads in (
        ("legal entity", member.legal_entity_id, lead.legal_entity_id),
        ("currency", member.currency, lead.currency),
        ("bill-to", member.buyer_id, lead.buyer_id),
        ("payment terms", member.payment_terms, lead.payment_terms),
        ("draft grace", _grace(member), _grace(lead)),
        ("purchase order", member.purchase_order or "none", lead.purchase_order or "none"),
    ):
        if own != leads:
            yield f"{what}: {own} here and {leads} in {lead.contract_id}, and one invoice can say only one"
    if member.invoice_limit is not None:
        yield f"the limit of an invoice is that of {lead.contract_id}: leave invoice_limit out here"
    if not lead.active.covers(member.active):
        yield f"{lead.contract_id} is in force {lead.active}, which is not all of this one's time, {member.active}"
    yield from _other_periods(member, lead, index)


def _grace(contract: Contract) -> str:
    return "its entity's" if contract.draft_grace is None else str(contract.draft_grace)


def _other_periods(member: Contract, lead: Contract, index: CatalogIndex) -> Iterator[str]:
    own, leads = index.customers.get(member.customer_id), index.customers.get(lead.customer_id)
    if own is None or leads is None:
        return
    zone, of_lead = own.record.time_zone, leads.record.time_zone
    if zone != of_lead:
        yield f"its billing periods are those of {zone}, and those of {lead.contract_id} of {of_lead}"
    elif not member.billing_calendar(zone).has_boundaries_of(lead.billing_calendar(zone)):
        yield f"its billing periods are not those of {lead.contract_id}"
