"""contracts.yaml: what was agreed."""

from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.catalog.agreed_prices import AgreedPriceEntry
from shared.contracts.catalog.payment_terms import LONGEST_DAYS, PaymentTermsEntry, terms_of, written
from shared.contracts.catalog.price_adjustments import ContractAdjustmentEntry
from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.subscriptions import AmendmentEntry, SubscriptionEntry, in_force
from shared.contracts.catalog.values import (
    HOUR,
    Boundary,
    CatalogModel,
    CurrencyCode,
    GraceHours,
    Id,
    PositiveAmount,
    PurchaseOrder,
)
from shared.domain.identifiers import ContractId, CustomerId, LegalEntityId
from shared.domain.master_data.catalog import Contract
from shared.domain.money import Money, currency
from shared.domain.subscriptions.anniversary import INTERVALS_IN_MONTHS, LAST_ANCHOR_DAY, BillingCycle


class BillingEntry(CatalogModel):
    """Which day billing periods start on, clamped to the end of a shorter month, and how long they are."""

    anchor_day: int = Field(default=1, ge=1, le=LAST_ANCHOR_DAY)
    every_months: int = 1

    @field_validator("every_months")
    @classmethod
    def _is_offered(cls, months: int) -> int:
        if months not in INTERVALS_IN_MONTHS:
            raise PydanticCustomError("INVALID_VALUE", "contracts are billed every 1, 3 or 12 months")
        return months


class ContractEntry(CatalogModel):
    id: Id
    customer: Id
    bill_to: Id | None = None  # another customer, who gets and owes the invoices
    invoiced_with: Id | None = None  # another contract, on whose invoices its lines are
    legal_entity: Id
    currency: CurrencyCode
    valid_from: Boundary
    valid_until: Boundary | None = None
    billing: BillingEntry = BillingEntry()  # calendar months
    payment_terms_days: int | None = Field(default=None, ge=0, le=LONGEST_DAYS)  # of the invoice date; 30 by default
    payment_terms: PaymentTermsEntry | None = None  # others
    purchase_order: PurchaseOrder = ""
    draft_grace_hours: GraceHours | None = None  # those of the legal entity
    subscriptions: tuple[SubscriptionEntry, ...]
    amendments: tuple[AmendmentEntry, ...] = ()
    prices: tuple[AgreedPriceEntry, ...] = ()  # in place of the price book's
    adjustments: tuple[ContractAdjustmentEntry, ...] = ()
    invoice_limit: PositiveAmount | None = None  # gross, in the contract's currency

    @model_validator(mode="after")
    def _is_due_one_way(self) -> Self:
        if self.payment_terms_days is not None and self.payment_terms is not None:
            raise PydanticCustomError("INVALID_VALUE", "either payment_terms_days or payment_terms says when it is due")
        return self

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
        adjustments = [
            entry.to_domain(
                path=f"{path}.adjustments[{i}]", contract=active, currency_code=self.currency, zone=zone, faults=faults
            )
            for i, entry in enumerate(self.adjustments)
        ]
        sound = tuple(one for one in adjustments if one is not None)
        prices = [
            entry.to_domain(
                path=f"{path}.prices[{i}]", contract=active, currency_code=self.currency, zone=zone, faults=faults
            )
            for i, entry in enumerate(self.prices)
        ]
        agreed = tuple(one for one in prices if one is not None)
        if len(usable) < len(subscriptions) or len(sound) < len(adjustments) or len(agreed) < len(prices):
            return None
        amendments = tuple(entry.to_domain(zone=zone) for entry in self.amendments)
        subscribed = in_force(usable, amendments, path=path, contract=active, zone=zone, faults=faults)
        if subscribed is None:
            return None
        return Contract(
            contract_id=ContractId(self.id),
            customer_id=CustomerId(self.customer),
            bill_to=None if self.bill_to is None else CustomerId(self.bill_to),
            invoiced_with=None if self.invoiced_with is None else ContractId(self.invoiced_with),
            legal_entity_id=LegalEntityId(self.legal_entity),
            currency=currency(self.currency),
            active=active,
            billing=BillingCycle(anchor_day=self.billing.anchor_day, every_months=self.billing.every_months),
            payment_terms=terms_of(self.payment_terms_days, self.payment_terms),
            subscriptions=subscribed,
            agreed=usable if amendments else (),
            amendments=amendments,
            purchase_order=self.purchase_order,
            draft_grace=None if self.draft_grace_hours is None else self.draft_grace_hours * HOUR,
            adjustments=sound,
            prices=agreed,
            invoice_limit=None if self.invoice_limit is None else Money(self.invoice_limit, currency(self.currency)),
        )

    @classmethod
    def of(cls, contract: Contract) -> "ContractEntry":
        net_days, other_terms = written(contract.payment_terms)
        return cls(
            id=contract.contract_id,
            customer=contract.customer_id,
            bill_to=contract.bill_to,
            invoiced_with=contract.invoiced_with,
            legal_entity=contract.legal_entity_id,
            currency=contract.currency.code,
            valid_from=contract.active.start,
            valid_until=contract.active.end,
            billing=BillingEntry(anchor_day=contract.billing.anchor_day, every_months=contract.billing.every_months),
            payment_terms_days=net_days,
            payment_terms=other_terms,
            purchase_order=contract.purchase_order,
            draft_grace_hours=None if contract.draft_grace is None else contract.draft_grace // HOUR,
            prices=tuple(AgreedPriceEntry.of(one) for one in contract.prices),
            adjustments=tuple(ContractAdjustmentEntry.of(one) for one in contract.adjustments),
            invoice_limit=contract.invoice_limit.amount if contract.invoice_limit else None,
            subscriptions=tuple(SubscriptionEntry.of(one) for one in contract.agreed or contract.subscriptions),
            amendments=tuple(AmendmentEntry.of(one) for one in contract.amendments),
        )
