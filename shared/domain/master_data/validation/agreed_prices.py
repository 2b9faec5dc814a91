"""The prices of a contract can be applied: of charges that it has, in its currency, one at a time."""

from collections.abc import Iterator
from itertools import combinations

from shared.domain.issue import Issue
from shared.domain.master_data.catalog import AgreedPrice, Charge, Contract
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.adjustments import NOT_OF_UNITS
from shared.domain.master_data.validation.charge_models import unusable_model
from shared.domain.master_data.validation.index import CatalogIndex
from shared.domain.master_data.validation.price_dimensions import unusable_match
from shared.domain.master_data.validation.prices import at_the_same_time
from shared.domain.rating.adjustments import UsageDiscount
from shared.domain.rating.charge_models import MoneyModel


def unusable_agreed_prices(draft: CatalogDraft, index: CatalogIndex) -> Iterator[Issue]:
    for entry in draft.contracts:
        contract = entry.record
        for i, agreed in enumerate(contract.prices):
            path = f"{entry.path}.prices[{i}]"
            yield from _of_another_contract(path, agreed, contract)
            yield from _unfit(path, agreed, contract, index)
        yield from _overlapping(entry.path, contract)


def _of_another_contract(path: str, agreed: AgreedPrice, contract: Contract) -> Iterator[Issue]:
    currency = agreed.price.currency
    if currency != contract.currency:
        message = f"the contract is in {contract.currency}, and so are its prices; this one is in {currency}"
        yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.currency", message)
    if not contract.active.covers(agreed.price.valid):
        message = f"the price is valid {agreed.price.valid}, outside its contract's time"
        yield fault(CatalogFaultCode.PERIODS_CONTRADICT, path, message)
    known = {one.subscription_id for one in contract.subscriptions}
    if agreed.subscription_id is not None and agreed.subscription_id not in known:
        message = f"{agreed.subscription_id!r} is not a subscription of the contract"
        yield fault(CatalogFaultCode.UNKNOWN_REFERENCE, f"{path}.subscription", message)


def _unfit(path: str, agreed: AgreedPrice, contract: Contract, index: CatalogIndex) -> Iterator[Issue]:
    concerned = [one for one in contract.subscriptions if agreed.concerns(one.subscription_id, agreed.charge_id)]
    plans = [index.plans.get(one.plan_id) for one in concerned]
    charges = [
        charge for plan in plans if plan for charge in plan.record.charges if charge.charge_id == agreed.charge_id
    ]
    if concerned and not charges and None not in plans:
        message = f"no plan that it concerns has a charge {agreed.charge_id!r}"
        yield fault(CatalogFaultCode.UNKNOWN_REFERENCE, f"{path}.charge", message)
    named = set()
    for charge in charges:
        meter = None if charge.meter is None else index.meters.get(charge.meter)
        for issue in (
            *unusable_model(path, charge, agreed.price.model, meter),
            *unusable_match(path, charge, agreed.price),
            *_another_kind(path, agreed, charge),
        ):
            if issue not in named:
                named.add(issue)
                yield issue


def _another_kind(path: str, agreed: AgreedPrice, charge: Charge) -> Iterator[Issue]:
    model = agreed.price.model
    if charge.meter is not None and isinstance(model, MoneyModel) != charge.is_of_money:
        of_what = ("shares of money", "units") if charge.is_of_money else ("units", "shares of money")
        message = f"the price book prices {charge.charge_id} as {of_what[0]}, and this price is of {of_what[1]}"
        yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, path, message)
    if isinstance(model, NOT_OF_UNITS) and any(isinstance(one, UsageDiscount) for one in charge.adjustments):
        message = f"{charge.charge_id} has a usage discount, and no units of this price can be free"
        yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, path, message)


def _overlapping(path: str, contract: Contract) -> Iterator[Issue]:
    for (i, earlier), (j, later) in combinations(enumerate(contract.prices), 2):
        why = at_the_same_time(earlier.price, later.price) if earlier.charge_id == later.charge_id else ""
        subscriptions = {earlier.subscription_id, later.subscription_id}
        if why and (None in subscriptions or len(subscriptions) == 1):
            message = f"this price of {later.charge_id} {why} prices[{i}]"
            yield fault(CatalogFaultCode.OVERLAPPING_PRICES, f"{path}.prices[{j}]", message)
