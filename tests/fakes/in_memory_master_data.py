"""Master data in memory as whole catalogues by version, one of them published."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from shared.domain.currency_exchange.published_rates import PublishedRates
from shared.domain.identifiers import CatalogVersion, CustomerId, LegalEntityId, MeterCode, PlanId, ProductId
from shared.domain.master_data.catalog import Catalog, CustomerAccount, LegalEntity, Plan, Product, TaxRate
from shared.domain.master_data.recorded_amendments import RecordedAmendment, with_recorded
from shared.domain.master_data.subjects import SubjectAccounts, accounts_of, subject_accounts
from shared.domain.metering.meter import Meter
from shared.domain.producers.producer import Producer
from shared.domain.usage.contract_definition import ContractDefinition


class InMemoryMasterData:
    """Reads (ports MasterData, UsageContracts, RecordedAmendments) and publishes (port MasterDataVersions)."""

    def __init__(self) -> None:
        self._written: dict[CatalogVersion, Catalog] = {}
        self._published: CatalogVersion | None = None
        self.changes = 0
        self.recorded: dict[CustomerId, list[RecordedAmendment]] = {}
        self._pinned_changes = 0
        self._pinned: Catalog | None = None

    def current(self) -> CatalogVersion | None:
        return self._published

    def write(self, version: CatalogVersion, catalog: Catalog) -> None:
        self._written[version] = catalog

    def publish(self, version: CatalogVersion, *, amendment_changes: int = 0) -> bool:
        if (self._published is not None and self._published > version) or self.changes != amendment_changes:
            return False
        self._published = version
        return True

    def every(self) -> tuple[int, Mapping[CustomerId, Sequence[RecordedAmendment]]]:
        standing = {name: [r for r in rows if r.stands_after(self.changes)] for name, rows in self.recorded.items()}
        return self.changes, {name: rows for name, rows in standing.items() if rows}

    def version(self) -> CatalogVersion | None:
        self._pinned_changes = self.changes
        self._pinned = None if self._published is None else self._written[self._published]
        return self._published

    def published(self) -> Sequence[ContractDefinition]:
        return () if self._published is None else self._written[self._published].usage_contracts

    def accounts_by_subject(self, subjects: Collection[str]) -> Mapping[str, SubjectAccounts]:
        known = subject_accounts(self._pinned) if self._pinned else {}
        return {subject: known[subject] for subject in subjects if subject in known}

    def account(self, customer_id: CustomerId) -> CustomerAccount | None:
        return next((one for one in self._accounts() if one.customer.customer_id == customer_id), None)

    def accounts(self, customer_ids: Collection[CustomerId]) -> Mapping[CustomerId, CustomerAccount]:
        return {one.customer.customer_id: one for one in self._accounts() if one.customer.customer_id in customer_ids}

    def customer_ids(self) -> Iterator[CustomerId]:
        return (account.customer.customer_id for account in self._accounts())

    def meters(self) -> Mapping[MeterCode, Meter]:
        return {meter.code: meter for meter in self._pinned.meters} if self._pinned else {}

    def products(self) -> Mapping[ProductId, Product]:
        return {product.product_id: product for product in self._pinned.products} if self._pinned else {}

    def features(self) -> Collection[str]:
        return {feature for plan in self._pinned.plans for feature in plan.features} if self._pinned else set()

    def plans(self, plan_ids: Collection[PlanId]) -> Mapping[PlanId, Plan]:
        return {p.plan_id: p for p in self._pinned.plans if p.plan_id in plan_ids} if self._pinned else {}

    def legal_entity(self, legal_entity_id: LegalEntityId) -> LegalEntity | None:
        return next((entity for entity in self.legal_entities() if entity.legal_entity_id == legal_entity_id), None)

    def legal_entities(self) -> tuple[LegalEntity, ...]:
        return self._pinned.legal_entities if self._pinned else ()

    def tax_rates(self) -> tuple[TaxRate, ...]:
        return self._pinned.tax_rates if self._pinned else ()

    def producers(self) -> tuple[Producer, ...]:
        return self._pinned.producers if self._pinned else ()

    def exchange_rates(self) -> tuple[PublishedRates, ...]:
        return self._pinned.exchange_rates if self._pinned else ()

    def _accounts(self) -> Iterator[CustomerAccount]:
        for account in accounts_of(self._pinned) if self._pinned else ():
            recorded = self.recorded.get(account.customer.customer_id, ())
            yield with_recorded(account, [one for one in recorded if one.stands_after(self._pinned_changes)])
