"""contracts.yaml: what was agreed."""

from zoneinfo import ZoneInfo

from pydantic import Field

from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.values import (
    Boundary,
    CatalogModel,
    CurrencyCode,
    Id,
    PurchaseOrder,
)
from shared.domain.identifiers import ContractId, CustomerId, LegalEntityId, PlanId, SubscriptionId
from shared.domain.master_data.catalog import Contract, Subscription
from shared.domain.money import currency
from shared.domain.time_period import Period


class SubscriptionEntry(CatalogModel):
    id: Id
    plan: Id
    valid_from: Boundary | None = None  # that of the contract
    valid_until: Boundary | None = None

    def to_domain(self, *, path: str, contract: Period, zone: ZoneInfo, faults: Faults) -> Subscription | None:
        start = contract.start if self.valid_from is None else self.valid_from
        end = contract.end if self.valid_until is None else self.valid_until
        active = faults.period(path, start, end, zone)
        if active is None:
            return None
        return Subscription(subscription_id=SubscriptionId(self.id), plan_id=PlanId(self.plan), active=active)

    @classmethod
    def of(cls, subscription: Subscription) -> "SubscriptionEntry":
        return cls(
            id=subscription.subscription_id,
            plan=subscription.plan_id,
            valid_from=subscription.active.start,
            valid_until=subscription.active.end,
        )


class ContractEntry(CatalogModel):
    id: Id
    customer: Id
    legal_entity: Id
    currency: CurrencyCode
    valid_from: Boundary
    valid_until: Boundary | None = None
    payment_terms_days: int = Field(default=30, ge=0, le=365)
    purchase_order: PurchaseOrder = ""
    subscriptions: tuple[SubscriptionEntry, ...]

    def to_domain(self, *, path: str, zone: ZoneInfo, faults: Faults) -> Contract | None:
        """Return the contract with its dates read in the customer's zone; None when a period of it is faulty."""
        active = faults.period(path, self.valid_from, self.valid_until, zone)
        if active is None:
            return None
        subscriptions = [
            entry.to_domain(path=f"{path}.subscriptions[{i}]", contract=active, zone=zone, faults=faults)
            for i, entry in enumerate(self.subscriptions)
        ]
        usable = tuple(subscription for subscription in subscriptions if subscription is not None)
        if len(usable) < len(subscriptions):
            return None
        return Contract(
            contract_id=ContractId(self.id),
            customer_id=CustomerId(self.customer),
            legal_entity_id=LegalEntityId(self.legal_entity),
            currency=currency(self.currency),
            active=active,
            payment_terms_days=self.payment_terms_days,
            subscriptions=usable,
            purchase_order=self.purchase_order,
        )

    @classmethod
    def of(cls, contract: Contract) -> "ContractEntry":
        return cls(
            id=contract.contract_id,
            customer=contract.customer_id,
            legal_entity=contract.legal_entity_id,
            currency=contract.currency.code,
            valid_from=contract.active.start,
            valid_until=contract.active.end,
            payment_terms_days=contract.payment_terms_days,
            purchase_order=contract.purchase_order,
            subscriptions=tuple(SubscriptionEntry.of(subscription) for subscription in contract.subscriptions),
        )
