"""Price adjustments can be applied: ids of their own, charges and products that exist, limits that agree."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TypeAlias, get_args

from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Charge, Contract
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.index import Agreement, CatalogIndex
from shared.domain.rating.adjustments import (
    ChargeAdjustment,
    Commitment,
    ContractAdjustment,
    CreditBalance,
    Maximum,
    Minimum,
    UsageDiscount,
    amounts_of,
    product_of,
)
from shared.domain.rating.charge_models import Flat, GraduatedProrated, MoneyModel, StairstepByUnit
from shared.domain.subscriptions.fee_terms import Billed

# What they price is no number of units.
NOT_OF_UNITS = (Flat, StairstepByUnit, GraduatedProrated, *get_args(MoneyModel))
_Adjustments: TypeAlias = Sequence[ChargeAdjustment | ContractAdjustment]


def unusable_adjustments(draft: CatalogDraft, index: CatalogIndex) -> Iterator[Issue]:
    for plan in draft.plans:
        for i, charge in enumerate(plan.record.charges):
            path = f"{plan.path}.charges[{i}]"
            yield from _same_ids(path, charge.adjustments)
            yield from _contradicting_limits(path, charge.adjustments)
            yield from _amounts_nobody_can_pay(path, charge.adjustments)
            yield from _unfit_usage_discounts(path, charge)
            yield from _adjusted_in_advance(path, charge)
            yield from _unknown_products(path, charge.adjustments, draft, index)
    for entry in draft.contracts:
        contract = entry.record
        yield from _same_ids(entry.path, contract.adjustments)
        yield from _contradicting_limits(entry.path, contract.adjustments)
        yield from _amounts_nobody_can_pay(entry.path, contract.adjustments)
        yield from _outside_the_contract(entry.path, contract)
        yield from _unknown_products(entry.path, contract.adjustments, draft, index)
        yield from _against_its_plans(entry.path, contract, index)
    for agreement in index.agreements:
        yield from _without_an_amount(agreement)


def _same_ids(path: str, adjustments: _Adjustments) -> Iterator[Issue]:
    first_at: dict[str, int] = {}
    for i, one in enumerate(adjustments):
        if first_at.setdefault(one.adjustment_id, i) != i:
            message = f"the adjustment {one.adjustment_id!r} is already at adjustments[{first_at[one.adjustment_id]}]"
            yield fault(CatalogFaultCode.DUPLICATE_ID, f"{path}.adjustments[{i}]", message)


def _contradicting_limits(path: str, adjustments: _Adjustments) -> Iterator[Issue]:
    for (i, one), (j, other) in combinations(enumerate(adjustments), 2):
        if not one.valid.overlaps(other.valid):
            continue
        where = f"{path}.adjustments[{j}]"
        if isinstance(one, UsageDiscount) and isinstance(other, UsageDiscount):
            message = f"this usage discount is in force at the same time as adjustments[{i}]"
            yield fault(CatalogFaultCode.LIMITS_CONTRADICT, where, message)
        for least, most in ((one, other), (other, one)):
            if isinstance(least, Minimum) and isinstance(most, Maximum) and _same_charges(least, most):
                yield from _minimum_above(where, least, most)


def _same_charges(least: Minimum, most: Maximum) -> bool:
    """Whether all that the minimum counts is under the maximum."""
    return not most.charges or (bool(least.charges) and set(least.charges) <= set(most.charges))


def _minimum_above(path: str, least: Minimum, most: Maximum) -> Iterator[Issue]:
    for amount in least.amounts:
        limit = most.amount_in(amount.currency)
        if limit is not None and limit < amount:
            message = (
                f"the minimum {least.adjustment_id} of {amount} is above the maximum {most.adjustment_id}, {limit}"
            )
            yield fault(CatalogFaultCode.LIMITS_CONTRADICT, path, message)


def _amounts_nobody_can_pay(path: str, adjustments: _Adjustments) -> Iterator[Issue]:
    for i, one in enumerate(adjustments):
        for amount in amounts_of(one):
            if amount.rounded().amount != amount.amount:
                message = f"{amount} has more decimals than {amount.currency} has"
                yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.adjustments[{i}]", message)


def _unfit_usage_discounts(path: str, charge: Charge) -> Iterator[Issue]:
    unfit = [price.model for price in charge.prices if isinstance(price.model, NOT_OF_UNITS)]
    for i, one in enumerate(charge.adjustments):
        if isinstance(one, UsageDiscount) and unfit:
            message = f"no units of this charge can be free: its price is {unfit[0]}"
            yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, f"{path}.adjustments[{i}]", message)


def _adjusted_in_advance(path: str, charge: Charge) -> Iterator[Issue]:
    """Name what would be adjusted before it is known: what was billed in advance is set right a period later."""
    if charge.meter is None and charge.fee.billed is Billed.IN_ADVANCE:
        for i in range(len(charge.adjustments)):
            message = "a fee in advance has no adjustments of its own; a contract's adjustments may name the charge"
            yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, f"{path}.adjustments[{i}]", message)


def _outside_the_contract(path: str, contract: Contract) -> Iterator[Issue]:
    for i, one in enumerate(contract.adjustments):
        where = f"{path}.adjustments[{i}]"
        if isinstance(one, Commitment) and one.valid.end is None:
            message = "a commitment is for a term: name its valid_until, or that of the contract"
            yield fault(CatalogFaultCode.VALUE_MISSING, f"{where}.valid_until", message)
        if not contract.active.covers(one.valid):
            message = f"{one.adjustment_id} is valid {one.valid}, outside its contract's time"
            yield fault(CatalogFaultCode.PERIODS_CONTRADICT, where, message)


def _unknown_products(
    path: str, adjustments: _Adjustments, draft: CatalogDraft, index: CatalogIndex
) -> Iterator[Issue]:
    unusable = draft.unusable.get("products", frozenset())
    for i, one in enumerate(adjustments):
        product = product_of(one)
        if product is not None and product not in index.products and product not in unusable:
            message = f"{product!r} is not in products"
            yield fault(CatalogFaultCode.UNKNOWN_REFERENCE, f"{path}.adjustments[{i}].product", message)


def _against_its_plans(path: str, contract: Contract, index: CatalogIndex) -> Iterator[Issue]:
    plans = [index.plans.get(one.plan_id) for one in contract.subscriptions]
    charges = [charge for plan in plans if plan is not None for charge in plan.record.charges]
    known, taken = {charge.charge_id for charge in charges}, {o.adjustment_id for c in charges for o in c.adjustments}
    for i, one in enumerate(contract.adjustments):
        where = f"{path}.adjustments[{i}]"
        if one.adjustment_id in taken:
            message = f"a charge of the contract's plans has an adjustment {one.adjustment_id!r}, too"
            yield fault(CatalogFaultCode.DUPLICATE_ID, where, message)
        named = () if isinstance(one, CreditBalance) else one.charges
        for charge_id in named if None not in plans else ():
            if charge_id not in known:
                message = f"no plan of the contract has a charge {charge_id!r}"
                yield fault(CatalogFaultCode.UNKNOWN_REFERENCE, f"{where}.charges", message)


def _without_an_amount(agreement: Agreement) -> Iterator[Issue]:
    currency = agreement.contract.currency
    for i, charge in enumerate(agreement.plan.record.charges):
        for j, one in enumerate(charge.adjustments):
            if isinstance(one, Minimum | Maximum) and one.amount_in(currency) is None:
                message = (
                    f"contract {agreement.contract.contract_id} needs an amount of {one.adjustment_id} in {currency}"
                )
                path = f"{agreement.plan.path}.charges[{i}].adjustments[{j}]"
                yield fault(CatalogFaultCode.PRICE_MISSING, path, message)
