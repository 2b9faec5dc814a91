"""Whether amendments fit their contracts and the price book: before one is recorded, and before each publication."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from shared.domain.identifiers import CustomerId, PlanId
from shared.domain.master_data.catalog import Catalog, Charge, Contract, CustomerAccount, Plan, Subscription
from shared.domain.master_data.effective_day import effective_instant
from shared.domain.master_data.recorded_amendments import (
    AmendmentsDoNotFitError,
    RecordedAmendment,
    amended_contract,
    reasons,
    with_recorded,
)
from shared.domain.master_data.subjects import accounts_of
from shared.domain.master_data.validation.coverage import first_gap
from shared.domain.subscriptions.amendment import Amendment
from shared.domain.subscriptions.amendments import Refused
from shared.domain.time_period import Period

_INSTANT = timedelta(microseconds=1)


def why_not(
    contract: Contract, amendment: Amendment, *, zone: ZoneInfo, plans: Mapping[PlanId, Plan]
) -> tuple[str, ...]:
    """Return every reason why a contract cannot have one more amendment; none if it can.

    `plans` are those of the price book that any subscription would be on.
    """
    outcome = amended_contract(contract, (*contract.amendments, amendment), zone)
    if isinstance(outcome, Refused):
        return reasons(outcome)
    return tuple(dict.fromkeys(_what_changed_lacks(contract, outcome, plans, zone)))


def misfits(catalog: Catalog, recorded: Mapping[CustomerId, Sequence[RecordedAmendment]]) -> tuple[str, ...]:
    """Return why a catalogue cannot be published with the amendments that are recorded; nothing if it can."""
    if not recorded:
        return ()
    accounts = {account.customer.customer_id: account for account in accounts_of(catalog)}
    plans = {plan.plan_id: plan for plan in catalog.plans}
    return tuple(
        misfit
        for customer_id, amendments in recorded.items()
        for misfit in _misfits(customer_id, accounts.get(customer_id), amendments, plans)
    )


def _misfits(
    customer_id: CustomerId,
    account: CustomerAccount | None,
    amendments: Sequence[RecordedAmendment],
    plans: Mapping[PlanId, Plan],
) -> Iterator[str]:
    if account is None:
        yield f"{customer_id} has recorded amendments and is not there"
        return
    try:
        after = with_recorded(account, amendments)
    except AmendmentsDoNotFitError as error:
        yield str(error)
        return
    for before, contract in zip(account.contracts, after.contracts, strict=True):
        lacking = _what_changed_lacks(before, contract, plans, account.customer.time_zone)
        yield from (f"recorded amendments of {contract.contract_id}: {each}" for each in lacking)


def _what_changed_lacks(
    before: Contract, after: Contract, plans: Mapping[PlanId, Plan], zone: ZoneInfo
) -> Iterator[str]:
    for one in after.subscriptions:
        if one not in before.subscriptions:
            yield from _unmet(one, after, plans, zone)


def _unmet(
    subscription: Subscription, contract: Contract, plans: Mapping[PlanId, Plan], zone: ZoneInfo
) -> Iterator[str]:
    plan = plans.get(subscription.plan_id)
    if plan is None:
        yield f"{subscription.plan_id!r} is not a plan"
        return
    active = subscription.active
    if active.end is not None and active.end <= active.start:
        return
    # As the price book's own check does: prices are looked up at noon of the customer's days.
    last = None if active.end is None else effective_instant(active.end - _INSTANT, zone) + _INSTANT
    needed = Period(effective_instant(active.start, zone), last)
    for charge in plan.charges:
        gap = first_gap(needed, _priced(charge, contract, subscription))
        if gap is not None:
            yield f"{plan.plan_id} has no {contract.currency} price of {charge.charge_id} on {gap.start:%Y-%m-%d}"


def _priced(charge: Charge, contract: Contract, subscription: Subscription) -> Iterator[Period]:
    yield from (price.valid for price in charge.prices if price.currency == contract.currency)
    agreed = (one for one in contract.prices if one.concerns(subscription.subscription_id, charge.charge_id))
    yield from (one.price.valid for one in agreed)
