"""Records by id, and the subscriptions whose whole chain is known: what several checks look up."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.master_data.catalog import Contract, LegalEntity, Plan, Subscription
from shared.domain.master_data.customer import Customer
from shared.domain.master_data.draft import CatalogDraft, Entry
from shared.domain.master_data.validation.written import written
from shared.domain.time_period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One subscription with everything it refers to. `active` is when both it and its contract are in force.

    `buyer` gets and owes the invoices of what the customer uses.
    """

    path: str
    customer: Customer
    buyer: Customer
    contract: Contract
    legal_entity: Entry[LegalEntity]
    subscription: Subscription
    plan: Entry[Plan]
    active: Period


class CatalogIndex:
    """The first record of each id; a second one is a fault that the identity check names."""

    def __init__(self, draft: CatalogDraft) -> None:
        self.customers = {entry.record.customer_id: entry for entry in reversed(draft.customers)}
        self.legal_entities = {entry.record.legal_entity_id: entry for entry in reversed(draft.legal_entities)}
        self.contracts = {entry.record.contract_id: entry for entry in reversed(draft.contracts)}
        self.products = {entry.record.product_id: entry.record for entry in reversed(draft.products)}
        self.meters = {entry.record.code: entry.record for entry in reversed(draft.meters)}
        self.plans = {entry.record.plan_id: entry for entry in reversed(draft.plans)}
        self.agreements = tuple(
            agreement for contract in draft.contracts for agreement in self._agreements_of(contract)
        )

    def _agreements_of(self, entry: Entry[Contract]) -> Iterator[Agreement]:
        contract = entry.record
        customer, buyer = self.customers.get(contract.customer_id), self.customers.get(contract.buyer_id)
        legal_entity = self.legal_entities.get(contract.legal_entity_id)
        if customer is None or buyer is None or legal_entity is None:
            return
        for place, subscription in written(contract):
            plan = self.plans.get(subscription.plan_id)
            active = _common(contract.active, subscription.active)
            if plan is not None and active is not None:
                yield Agreement(
                    path=f"{entry.path}.{place}",
                    customer=customer.record,
                    buyer=buyer.record,
                    contract=contract,
                    legal_entity=legal_entity,
                    subscription=subscription,
                    plan=plan,
                    active=active,
                )


def _common(left: Period, right: Period) -> Period | None:
    if not left.overlaps(right):
        return None
    ends = [end for end in (left.end, right.end) if end is not None]
    return Period(max(left.start, right.start), min(ends, default=None))
