"""Boundaries lie on the edges of 15-minute windows of UTC, and a subscription lies within its contract."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Contract
from shared.domain.master_data.draft import CatalogDraft, Entry
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.written import written
from shared.domain.time_period import Period

_WINDOW = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def contradicting_periods(draft: CatalogDraft) -> Iterator[Issue]:
    for path, period in _periods(draft):
        for key, instant in (("valid_from", period.start), ("valid_until", period.end)):
            if instant is not None and (instant - _EPOCH) % _WINDOW:
                message = f"{instant.isoformat()} is not on the edge of a 15-minute window"
                yield fault(CatalogFaultCode.NOT_ON_WINDOW_EDGE, f"{path}.{key}", message)
    for entry in draft.contracts:
        for place, subscription in written(entry.record):
            if not entry.record.active.covers(subscription.active):
                message = f"{subscription.subscription_id} is active {subscription.active}, outside its contract's time"
                yield fault(CatalogFaultCode.PERIODS_CONTRADICT, f"{entry.path}.{place}", message)


def _periods(draft: CatalogDraft) -> Iterator[tuple[str, Period]]:
    for customer in draft.customers:
        yield from ((f"{customer.path}.subjects", name.valid) for name in customer.record.known_as)
        yield from ((f"{customer.path}.parents[{i}]", one.valid) for i, one in enumerate(customer.record.parents))
        yield from ((f"{customer.path}.regions[{i}]", one.valid) for i, one in enumerate(customer.record.regions))
    for contract in draft.contracts:
        yield contract.path, contract.record.active
        yield from _within_a_contract(contract)
    for plan in draft.plans:
        for i, charge in enumerate(plan.record.charges):
            path = f"{plan.path}.charges[{i}]"
            yield from ((f"{path}.prices[{j}]", price.valid) for j, price in enumerate(charge.prices))
            yield from ((f"{path}.adjustments[{j}]", one.valid) for j, one in enumerate(charge.adjustments))
    seen = set()
    for rate in draft.tax_rates:
        if rate.path not in seen:
            seen.add(rate.path)
            yield rate.path, rate.record.valid


def _within_a_contract(contract: Entry[Contract]) -> Iterator[tuple[str, Period]]:
    whole = contract.record.active
    parts = [
        *((place, one.active) for place, one in written(contract.record)),
        *(
            (f"{place}.trial", Period(one.trial_until, None))
            for place, one in written(contract.record)
            if one.trial_until
        ),
        *((f"amendments[{i}]", Period(one.effective_at, None)) for i, one in enumerate(contract.record.amendments)),
        *((f"adjustments[{i}]", one.valid) for i, one in enumerate(contract.record.adjustments)),
        *((f"prices[{i}]", one.price.valid) for i, one in enumerate(contract.record.prices)),
    ]
    for name, period in parts:
        if period != whole:  # the same one was only inherited
            yield f"{contract.path}.{name}", period
