"""Every id once, every subject one customer, every company of an ERP one legal entity."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from shared.domain.issue import Issue
from shared.domain.master_data.customer import Customer
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.written import written
from shared.domain.time_period import Period


def ids_and_subjects(draft: CatalogDraft) -> Iterator[Issue]:
    yield from _used_twice("legal entity", ((e.path, e.record.legal_entity_id) for e in draft.legal_entities))
    yield from _used_twice(
        "number series",
        (
            (f"{e.path}.{name}", series)
            for e in draft.legal_entities
            for name, series in (
                ("invoice_series", e.record.invoice_series),
                ("credit_note_series", e.record.credit_note_prefix),
            )
        ),
    )
    yield from _used_twice(
        "ERP company",
        (
            (f"{e.path}.erp.company", f"{e.record.erp.company} of {e.record.erp.connection}")
            for e in draft.legal_entities
        ),
    )
    yield from _used_twice("customer", ((e.path, e.record.customer_id) for e in draft.customers))
    yield from _used_twice("contract", ((e.path, e.record.contract_id) for e in draft.contracts))
    yield from _used_twice("product", ((e.path, e.record.product_id) for e in draft.products))
    yield from _used_twice("meter", ((e.path, e.record.code) for e in draft.meters))
    yield from _used_twice("plan", ((e.path, e.record.plan_id) for e in draft.plans))
    yield from _used_twice("usage contract", ((e.path, e.record.name) for e in draft.usage_contracts))
    yield from _used_twice("source", ((e.path, e.record.source) for e in draft.producers))
    yield from _used_twice("exchange rate", _exchange_rates(draft))
    for entry in draft.plans:
        charges = ((f"{entry.path}.charges[{i}]", c.charge_id) for i, c in enumerate(entry.record.charges))
        yield from _used_twice("charge", charges)
    for contract in draft.contracts:
        yield from _used_twice(
            "subscription",
            (
                (f"{contract.path}.{place}", subscription.subscription_id)
                for place, subscription in written(contract.record)
            ),
        )
    yield from _subjects_claimed_twice(draft)


def _exchange_rates(draft: CatalogDraft) -> Iterator[tuple[str, str]]:
    """Yield each rate by its source, day and two currencies: a source says it in one direction or in the other."""
    for entry in draft.exchange_rates:
        pair = " and ".join(sorted((entry.record.base.code, entry.record.quote.code)))
        for day, _ in entry.record.rates:
            yield f"{entry.path}.rates.{day}", f"{entry.record.source}, {pair}, {day}"


def _used_twice(noun: str, ids: Iterable[tuple[str, str]]) -> Iterator[Issue]:
    first_at: dict[str, str] = {}
    for path, identifier in ids:
        if identifier in first_at:
            message = f"{noun} {identifier!r} is already at {first_at[identifier]}"
            yield fault(CatalogFaultCode.DUPLICATE_ID, path, message)
        else:
            first_at[identifier] = path


def _subjects_claimed_twice(draft: CatalogDraft) -> Iterator[Issue]:
    claims: defaultdict[str, list[tuple[Customer, Period]]] = defaultdict(list)
    for entry in draft.customers:
        customer = entry.record
        for name in customer.known_as:
            for owner, claimed in claims[name.value]:
                if claimed.overlaps(name.valid) and owner.customer_id != customer.customer_id:
                    message = f"subject {name.value!r} of {customer.customer_id} already belongs to {owner.customer_id}"
                    yield fault(CatalogFaultCode.SUBJECT_CLAIMED_TWICE, f"{entry.path}.subjects", message)
                    break
            claims[name.value].append((customer, name.valid))
