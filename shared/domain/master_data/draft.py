"""A catalogue as far as it could be read: what the cross checks look at, with the place of every record."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.domain.currency_exchange.published_rates import PublishedRates
from shared.domain.identifiers import TenantId
from shared.domain.master_data.catalog import (
    Catalog,
    Contract,
    LegalEntity,
    Plan,
    Product,
    TaxRate,
)
from shared.domain.master_data.customer import Customer
from shared.domain.metering.meter import Meter
from shared.domain.producers.producer import Producer
from shared.domain.usage.contract_definition import ContractDefinition

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Entry(Generic[Record]):
    """A record and where it was written, e.g. "customers[2]"."""

    path: str
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogDraft:
    """`unusable` holds, by section, the ids of entries that have faults of their own: a reference to one is no fault.

    One written tax rate with several buyers is several records with one path.
    """

    tenant: TenantId
    name: str
    legal_entities: tuple[Entry[LegalEntity], ...]
    customers: tuple[Entry[Customer], ...]
    contracts: tuple[Entry[Contract], ...]
    products: tuple[Entry[Product], ...]
    meters: tuple[Entry[Meter], ...]
    plans: tuple[Entry[Plan], ...]
    tax_rates: tuple[Entry[TaxRate], ...]
    usage_contracts: tuple[Entry[ContractDefinition], ...]
    producers: tuple[Entry[Producer], ...]
    exchange_rates: tuple[Entry[PublishedRates], ...]
    unusable: Mapping[str, AbstractSet[str]]

    def catalog(self) -> Catalog:
        return Catalog(
            tenant=self.tenant,
            name=self.name,
            legal_entities=_records(self.legal_entities),
            customers=_records(self.customers),
            contracts=_records(self.contracts),
            products=_records(self.products),
            meters=_records(self.meters),
            plans=_records(self.plans),
            tax_rates=_records(self.tax_rates),
            usage_contracts=_records(self.usage_contracts),
            producers=_records(self.producers),
            exchange_rates=_records(self.exchange_rates),
        )


def _records(entries: tuple[Entry[Record], ...]) -> tuple[Record, ...]:
    return tuple(entry.record for entry in entries)
