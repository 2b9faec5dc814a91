"""Every id that a record names is the id of a record."""

from collections.abc import Container, Iterator

from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Charge, Contract
from shared.domain.master_data.draft import CatalogDraft, Entry
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.index import CatalogIndex
from shared.domain.master_data.validation.written import written


def unknown_references(draft: CatalogDraft, index: CatalogIndex) -> Iterator[Issue]:
    for path, section, identifier, known in _references(draft, index):
        if identifier not in known and identifier not in draft.unusable.get(section, frozenset()):
            yield fault(CatalogFaultCode.UNKNOWN_REFERENCE, path, f"{identifier!r} is not in {section}")
    for plan in draft.plans:
        for position, charge in enumerate(plan.record.charges):
            yield from _unknown_dimensions(f"{plan.path}.charges[{position}]", charge, index)


def _references(draft: CatalogDraft, index: CatalogIndex) -> Iterator[tuple[str, str, str, Container[str]]]:
    for customer in draft.customers:
        for i, parent in enumerate(customer.record.parents):
            yield f"{customer.path}.parents[{i}].customer", "customers", parent.value.customer_id, index.customers
    for contract in draft.contracts:
        yield from _references_of(contract, index)
    yield from _references_of_plans(draft, index)
    tax_codes = {rate.record.code for rate in draft.tax_rates}
    sources = {one.record.source for one in draft.exchange_rates}
    for entity in draft.legal_entities:
        if entity.record.exchange_rates is not None:
            yield (
                f"{entity.path}.exchange_rates.source",
                "exchange_rates",
                entity.record.exchange_rates.source,
                sources,
            )
        for product_id in entity.record.erp.products:
            yield f"{entity.path}.erp.products.{product_id}", "products", product_id, index.products
        known = tax_codes | {entity.record.tax.code}
        for code in entity.record.erp.tax_codes:
            yield f"{entity.path}.erp.tax_codes.{code}", "tax_rates", code, known


def _references_of(entry: Entry[Contract], index: CatalogIndex) -> Iterator[tuple[str, str, str, Container[str]]]:
    path, contract = entry.path, entry.record
    yield f"{path}.customer", "customers", contract.customer_id, index.customers
    if contract.bill_to is not None:
        yield f"{path}.bill_to", "customers", contract.bill_to, index.customers
    if contract.invoiced_with is not None:
        yield f"{path}.invoiced_with", "contracts", contract.invoiced_with, index.contracts
    yield f"{path}.legal_entity", "legal_entities", contract.legal_entity_id, index.legal_entities
    for place, subscription in written(contract):
        yield f"{path}.{place}.plan", "price_book", subscription.plan_id, index.plans


def _references_of_plans(draft: CatalogDraft, index: CatalogIndex) -> Iterator[tuple[str, str, str, Container[str]]]:
    for plan in draft.plans:
        for i, charge in enumerate(plan.record.charges):
            yield f"{plan.path}.charges[{i}].product", "products", charge.product_id, index.products
            if charge.meter is not None:
                yield f"{plan.path}.charges[{i}].meter", "meters", charge.meter, index.meters


def _unknown_dimensions(path: str, charge: Charge, index: CatalogIndex) -> Iterator[Issue]:
    meter = index.meters.get(charge.meter) if charge.meter is not None else None
    if meter is None:
        return
    for name, _ in charge.match:
        if name not in meter.dimensions:
            message = f"meter {meter.code} keeps no dimension {name!r}"
            yield fault(CatalogFaultCode.UNKNOWN_REFERENCE, f"{path}.match.{name}", message)
