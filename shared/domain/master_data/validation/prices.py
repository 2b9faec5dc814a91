"""A price can be applied: its model suits its charge, its tiers ascend, and only one is in force at a time."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations, pairwise

from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Charge
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.rating.charge_models import Flat, Graduated


def unusable_prices(draft: CatalogDraft) -> Iterator[Issue]:
    for plan in draft.plans:
        for position, charge in enumerate(plan.record.charges):
            path = f"{plan.path}.charges[{position}]"
            yield from _overlapping(path, charge)
            yield from _unsuitable(path, charge)
    yield from _overlapping_tax_rates(draft)


def _overlapping(path: str, charge: Charge) -> Iterator[Issue]:
    for (i, earlier), (j, later) in combinations(enumerate(charge.prices), 2):
        if earlier.currency == later.currency and earlier.valid.overlaps(later.valid):
            message = f"this {later.currency} price is in force at the same time as prices[{i}]"
            yield fault(CatalogFaultCode.OVERLAPPING_PRICES, f"{path}.prices[{j}]", message)


def _unsuitable(path: str, charge: Charge) -> Iterator[Issue]:
    for i, price in enumerate(charge.prices):
        if isinstance(price.model, Flat) != (charge.meter is None):
            message = "a charge without a meter takes a flat price, a charge with one takes per_unit or graduated"
            yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, f"{path}.prices[{i}]", message)
        if isinstance(price.model, Graduated):
            yield from _out_of_order(f"{path}.prices[{i}].graduated", price.model)


def _out_of_order(path: str, model: Graduated) -> Iterator[Issue]:
    limits = [tier.up_to for tier in model.tiers]
    if not limits or limits[-1] is not None:
        message = "the last tier has no up_to: it takes every unit above the tier before"
        yield fault(CatalogFaultCode.TIERS_OUT_OF_ORDER, path, message)
        limits.append(None)
    for position, (lower, upper) in enumerate(pairwise([Decimal(0), *limits[:-1]])):
        if lower is None or upper is None or upper <= lower:
            message = "up_to is above that of the tier before it, and only the last tier goes without"
            yield fault(CatalogFaultCode.TIERS_OUT_OF_ORDER, f"{path}[{position}]", message)


def _overlapping_tax_rates(draft: CatalogDraft) -> Iterator[Issue]:
    for i, later in enumerate(draft.tax_rates):
        for earlier in draft.tax_rates[:i]:
            same = (
                earlier.record.seller_country == later.record.seller_country
                and earlier.record.buyer_country == later.record.buyer_country
                and earlier.record.category == later.record.category
            )
            if same and earlier.record.valid.overlaps(later.record.valid):
                rate = later.record
                message = f"{rate.seller_country} to {rate.buyer_country}, {rate.category}: also at {earlier.path}"
                yield fault(CatalogFaultCode.OVERLAPPING_TAX_RATES, later.path, message)
