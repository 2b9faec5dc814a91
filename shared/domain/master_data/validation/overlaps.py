"""No usage is billed twice: at any time, one charge of a customer takes the usage of a meter."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Charge
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.index import Agreement, CatalogIndex


def usage_billed_twice(draft: CatalogDraft, index: CatalogIndex) -> Iterator[Issue]:
    for plan in draft.plans:
        for (i, one), (j, other) in combinations(enumerate(plan.record.charges), 2):
            if _take_the_same_usage(one, other):
                message = f"the usage of {other.meter} that this charge takes is also taken by charges[{i}]"
                yield fault(CatalogFaultCode.METER_CHARGED_TWICE, f"{plan.path}.charges[{j}]", message)
    takers: dict[tuple[CustomerId, MeterCode], list[tuple[Agreement, Charge]]] = defaultdict(list)
    for agreement in index.agreements:
        for charge in agreement.plan.record.charges_in(agreement.contract.currency):
            if charge.meter is not None:
                takers[agreement.customer.customer_id, charge.meter].append((agreement, charge))
    for candidates in takers.values():
        yield from _between_subscriptions(candidates)


def _between_subscriptions(candidates: list[tuple[Agreement, Charge]]) -> Iterator[Issue]:
    for (earlier, one), (later, other) in combinations(candidates, 2):
        if earlier.path == later.path or not earlier.active.overlaps(later.active):
            continue
        if _take_the_same_usage(one, other):
            message = f"usage of {other.meter} is at the same time charged by {earlier.path}"
            yield fault(CatalogFaultCode.METER_CHARGED_TWICE, later.path, message)


def _take_the_same_usage(one: Charge, other: Charge) -> bool:
    if one.meter is None or one.meter != other.meter:
        return False
    values = dict(one.match)
    return all(values.get(name, value) == value for name, value in other.match)
