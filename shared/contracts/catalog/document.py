"""A catalogue as the one JSON document that is published, and the version that names it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.contracts.catalog.buyers import ContractEntry, CustomerEntry
from shared.contracts.catalog.offers import MeterEntry, PlanEntry, ProductEntry
from shared.contracts.catalog.sellers import LegalEntityEntry, TenantEntry
from shared.contracts.catalog.taxes import TaxRateEntry
from shared.contracts.catalog.values import CatalogModel
from shared.domain.identifiers import CatalogVersion
from shared.domain.master_data.catalog import Catalog
from shared.domain.time_period import format_instant


def catalog_document(catalog: Catalog) -> dict[str, object]:
    """Write a catalogue as the JSON document that is published. Dates have become instants for good."""
    return {
        "tenant": _dump(TenantEntry(id=catalog.tenant, name=catalog.name)),
        "legal_entities": [_dump(LegalEntityEntry.of(entity)) for entity in catalog.legal_entities],
        "customers": [_dump(CustomerEntry.of(customer)) for customer in catalog.customers],
        "contracts": [_dump(ContractEntry.of(contract)) for contract in catalog.contracts],
        "products": [_dump(ProductEntry.of(product)) for product in catalog.products],
        "meters": [_dump(MeterEntry.of(meter)) for meter in catalog.meters],
        "price_book": [_dump(PlanEntry.of(plan)) for plan in catalog.plans],
        "tax_rates": [_dump(TaxRateEntry.of(rate)) for rate in catalog.tax_rates],
    }


def canonical_json(document: Mapping[str, object]) -> bytes:
    """Write a document in one way only: what is hashed is what is stored."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")


def catalog_version(document: Mapping[str, object], published_at: datetime) -> CatalogVersion:
    """Name a version by when it was published and what it holds. Later versions sort after earlier ones."""
    return CatalogVersion(f"{format_instant(published_at)}-{content_digest(canonical_json(document))}")


def content_digest(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()[:12]


def _dump(model: CatalogModel) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_none=True)
