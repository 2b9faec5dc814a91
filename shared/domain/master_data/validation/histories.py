"""A customer has one name, one parent and one region at a time, and is never above itself."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

from shared.domain.issue import Issue
from shared.domain.master_data.customer import Customer, Dated, value_at
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.index import CatalogIndex


def contradicting_histories(draft: CatalogDraft, index: CatalogIndex) -> Iterator[Issue]:
    for entry in draft.customers:
        yield from _two_at_a_time(f"{entry.path}.parents", "parent", entry.record.parents)
        yield from _two_at_a_time(f"{entry.path}.regions", "region", entry.record.regions)
        yield from _same_name_twice(f"{entry.path}.subjects", entry.record.known_as)
        # A cycle that ever closes does so when one of its links begins to hold.
        for i, parent in enumerate(entry.record.parents):
            chain = _chain(entry.record, parent.valid.start, index)
            if len(chain) > 1 and chain[-1] == entry.record.customer_id:
                message = f"from {parent.valid.start:%Y-%m-%d} the customer is above itself: {' -> '.join(chain)}"
                yield fault(CatalogFaultCode.PARENT_CYCLE, f"{entry.path}.parents[{i}]", message)


def _two_at_a_time(path: str, noun: str, values: Sequence[Dated[Any]]) -> Iterator[Issue]:
    for (i, earlier), (j, later) in combinations(enumerate(values), 2):
        if earlier.valid.overlaps(later.valid):
            message = f"this {noun} holds at the same time as {path.rpartition('.')[2]}[{i}]"
            yield fault(CatalogFaultCode.PERIODS_CONTRADICT, f"{path}[{j}]", message)


def _same_name_twice(path: str, names: Sequence[Dated[str]]) -> Iterator[Issue]:
    latest: dict[str, list[Dated[str]]] = {}
    for name in names:
        claims = latest.setdefault(name.value, [])
        if any(claim.valid.overlaps(name.valid) for claim in claims):
            message = f"the subject {name.value!r} is named twice for the same time"
            yield fault(CatalogFaultCode.PERIODS_CONTRADICT, path, message)
        claims.append(name)


def _chain(customer: Customer, instant: datetime, index: CatalogIndex) -> list[str]:
    """Return the ids from a customer upwards, up to where nobody is above or one comes again."""
    chain: list[str] = [customer.customer_id]
    parent = value_at(customer.parents, instant)
    while parent is not None:
        chain.append(parent.customer_id)
        above = index.customers.get(parent.customer_id)
        if above is None or parent.customer_id in chain[:-1]:
            break
        parent = value_at(above.record.parents, instant)
    return chain
