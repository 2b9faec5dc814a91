"""The catalogue format: what people write, what is published, and how both become the domain's Catalog."""

from shared.contracts.catalog.document import (
    PublishedDocument,
    catalog_digest,
    catalog_document,
    catalog_sections,
    content_digest,
)
from shared.contracts.catalog.reader import (
    EXCHANGE_RATES,
    PRODUCERS,
    SECTIONS,
    USAGE_CONTRACTS,
    read_catalog,
    read_usage_contracts,
)

__all__ = [
    "EXCHANGE_RATES",
    "PRODUCERS",
    "SECTIONS",
    "USAGE_CONTRACTS",
    "PublishedDocument",
    "catalog_digest",
    "catalog_document",
    "catalog_sections",
    "content_digest",
    "read_catalog",
    "read_usage_contracts",
]
