"""The catalogue format: what people write, what is published, and how both become the domain's Catalog."""

from shared.contracts.catalog.document import catalog_document, catalog_version
from shared.contracts.catalog.reader import SECTIONS, read_catalog

__all__ = ["SECTIONS", "catalog_document", "catalog_version", "read_catalog"]
