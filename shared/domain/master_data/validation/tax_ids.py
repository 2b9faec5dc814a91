"""Tax ids that cannot be any: an invoice with a wrong one costs the buyer its input tax."""

from collections.abc import Callable, Iterator

from shared.domain.issue import Issue
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault


def wrong_tax_ids(draft: CatalogDraft, why_not: Callable[[str, str], str]) -> Iterator[Issue]:
    """Name each tax id of which `why_not`, given it and its country, says something."""
    for path, tax_id, country in _tax_ids(draft):
        reason = why_not(tax_id, country) if tax_id else ""
        if reason:
            yield fault(CatalogFaultCode.INVALID_TAX_ID, path, f"{tax_id!r} is {reason}")


def _tax_ids(draft: CatalogDraft) -> Iterator[tuple[str, str, str]]:
    for customer in draft.customers:
        yield f"{customer.path}.tax_id", customer.record.tax_id, customer.record.country
    for entity in draft.legal_entities:
        yield f"{entity.path}.details.vat_id", entity.record.details.vat_id, entity.record.country
