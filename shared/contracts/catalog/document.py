"""A catalogue as the one JSON document that is published, and the version that names it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.catalog.agreements import ContractEntry
from shared.contracts.catalog.customers import CustomerEntry
from shared.contracts.catalog.exchange_rates import ExchangeRatesEntry
from shared.contracts.catalog.offers import MeterEntry, PlanEntry, ProductEntry
from shared.contracts.catalog.producers import ProducerEntry
from shared.contracts.catalog.sellers import LegalEntityEntry, TenantEntry
from shared.contracts.catalog.taxes import TaxRateEntry
from shared.contracts.catalog.usage_contracts import UsageContractEntry
from shared.contracts.catalog.values import CatalogModel
from shared.domain.identifiers import CatalogVersion
from shared.domain.master_data.catalog import Catalog
from shared.domain.time_period import format_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDocument:
    """What to store under which key in the catalogue bucket, and the message of master-data-changes that says so."""

    version: CatalogVersion
    key: str
    body: bytes
    message: Mapping[str, str]


def catalog_document(catalog: Catalog, *, published_at: datetime) -> PublishedDocument:
    """Write a catalogue for publication. `published_at` (UTC) orders versions: the latest one wins.

    The body has one form only, and its digest is part of the version: what is read is what was published.
    """
    body = _body(catalog)
    version = CatalogVersion(f"{format_instant(published_at)}-{content_digest(body)}")
    key = f"{catalog.tenant}/{version}.json"
    message = {"tenant": catalog.tenant, "version": version, "key": key}
    return PublishedDocument(version=version, key=key, body=body, message=message)


def catalog_digest(catalog: Catalog) -> str:
    """Return what ends the version of a catalogue, whenever it is published."""
    return content_digest(_body(catalog))


def _body(catalog: Catalog) -> bytes:
    return json.dumps(catalog_sections(catalog), sort_keys=True, separators=(",", ":")).encode("ascii")


def catalog_sections(catalog: Catalog) -> dict[str, object]:
    """Write a catalogue as the sections that read_catalog reads. Dates have become instants for good."""
    return {
        "tenant": _dump(TenantEntry(id=catalog.tenant, name=catalog.name)),
        "legal_entities": [_dump(LegalEntityEntry.of(entity)) for entity in catalog.legal_entities],
        "customers": [_dump(CustomerEntry.of(customer)) for customer in catalog.customers],
        "contracts": [_dump(ContractEntry.of(contract)) for contract in catalog.contracts],
        "products": [_dump(ProductEntry.of(product)) for product in catalog.products],
        "meters": [_dump(MeterEntry.of(meter)) for meter in catalog.meters],
        "price_book": [_dump(PlanEntry.of(plan)) for plan in catalog.plans],
        "tax_rates": [_dump(TaxRateEntry.of(rate)) for rate in catalog.tax_rates],
        "usage_contracts": [_dump(UsageContractEntry.of(contract)) for contract in catalog.usage_contracts],
        "producers": [_dump(ProducerEntry.of(producer)) for producer in catalog.producers],
        "exchange_rates": [_dump(ExchangeRatesEntry.of(rates)) for rates in catalog.exchange_rates],
    }


def content_digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:12]


def _dump(model: CatalogModel) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_none=True)
