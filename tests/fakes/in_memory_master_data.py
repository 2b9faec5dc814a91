"""Master data in memory: what a test needs of one published catalogue."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from shared.domain.identifiers import CatalogVersion, CustomerId, LegalEntityId, MeterCode, PlanId, ProductId
from shared.domain.master_data.catalog import CustomerAccount, LegalEntity, Plan, Product, TaxRate
from shared.domain.metering.meter import Meter

FIRST_VERSION = CatalogVersion("1-0a1b2c3d4e5f")


@dataclass(kw_only=True)
class InMemoryMasterData:
    published: CatalogVersion | None = FIRST_VERSION
    accounts: tuple[CustomerAccount, ...] = ()
    known_meters: tuple[Meter, ...] = ()
    known_products: tuple[Product, ...] = ()
    known_plans: tuple[Plan, ...] = ()
    legal_entities: tuple[LegalEntity, ...] = ()
    known_tax_rates: tuple[TaxRate, ...] = ()

    def version(self) -> CatalogVersion | None:
        return self.published

    def accounts_by_subject(self, subjects: Collection[str]) -> Mapping[str, CustomerAccount]:
        return {
            subject: account
            for account in self.accounts
            for subject in account.customer.subjects
            if subject in subjects
        }

    def account(self, customer_id: CustomerId) -> CustomerAccount | None:
        return next((one for one in self.accounts if one.customer.customer_id == customer_id), None)

    def customer_ids(self) -> Iterator[CustomerId]:
        return (account.customer.customer_id for account in self.accounts)

    def meters(self) -> Mapping[MeterCode, Meter]:
        return {meter.code: meter for meter in self.known_meters}

    def products(self) -> Mapping[ProductId, Product]:
        return {product.product_id: product for product in self.known_products}

    def plans(self, plan_ids: Collection[PlanId]) -> Mapping[PlanId, Plan]:
        return {plan.plan_id: plan for plan in self.known_plans if plan.plan_id in plan_ids}

    def legal_entity(self, legal_entity_id: LegalEntityId) -> LegalEntity | None:
        return next((one for one in self.legal_entities if one.legal_entity_id == legal_entity_id), None)

    def tax_rates(self) -> tuple[TaxRate, ...]:
        return self.known_tax_rates
