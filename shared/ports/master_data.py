"""Master data as one consistent, published version."""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from shared.domain.currency_exchange.published_rates import PublishedRates
from shared.domain.identifiers import CatalogVersion, CustomerId, LegalEntityId, MeterCode, PlanId, ProductId
from shared.domain.master_data.catalog import CustomerAccount, LegalEntity, Plan, Product, TaxRate
from shared.domain.master_data.subjects import SubjectAccounts
from shared.domain.metering.meter import Meter
from shared.domain.producers.producer import Producer


class MasterData(Protocol):
    """Every read is of the version that `version()` last returned, so that one use case sees one catalogue."""

    def version(self) -> CatalogVersion | None:
        """Return the published version and read from it from now on; None while nothing was published."""

    def accounts_by_subject(self, subjects: Collection[str]) -> Mapping[str, SubjectAccounts]:
        """Return whom these names that producers use stand for, at any time; unknown ones are absent."""

    def account(self, customer_id: CustomerId) -> CustomerAccount | None: ...

    def accounts(self, customer_ids: Collection[CustomerId]) -> Mapping[CustomerId, CustomerAccount]:
        """Return those of the customers that exist."""

    def customer_ids(self) -> Iterator[CustomerId]: ...

    def meters(self) -> Mapping[MeterCode, Meter]: ...

    def products(self) -> Mapping[ProductId, Product]: ...

    def features(self) -> Collection[str]:
        """Return the features that any plan names."""

    def plans(self, plan_ids: Collection[PlanId]) -> Mapping[PlanId, Plan]: ...

    def legal_entity(self, legal_entity_id: LegalEntityId) -> LegalEntity | None: ...

    def legal_entities(self) -> tuple[LegalEntity, ...]: ...

    def tax_rates(self) -> tuple[TaxRate, ...]: ...

    def producers(self) -> tuple[Producer, ...]:
        """Return the sources that are watched over, each once."""

    def exchange_rates(self) -> tuple[PublishedRates, ...]: ...
