"""A charge is priced by dimensions that its meter keeps, and each of its prices says all of them or none."""

from collections.abc import Iterator

from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Charge, Price
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.index import CatalogIndex
from shared.domain.metering.meter import CURRENCY_DIMENSION
from shared.domain.rating.adjustments import UsageDiscount


def unusable_price_dimensions(draft: CatalogDraft, index: CatalogIndex) -> Iterator[Issue]:
    for plan in draft.plans:
        for position, charge in enumerate(plan.record.charges):
            path = f"{plan.path}.charges[{position}]"
            yield from _unusable_names(path, charge, index)
            for i, price in enumerate(charge.prices):
                yield from unusable_match(f"{path}.prices[{i}]", charge, price)
            for i, adjustment in enumerate(charge.adjustments):
                if charge.price_by and isinstance(adjustment, UsageDiscount):
                    message = "free units of several prices have no one price: let a price have a free tier"
                    yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, f"{path}.adjustments[{i}]", message)


def unusable_match(path: str, charge: Charge, price: Price) -> Iterator[Issue]:
    """Name a price that is not for one combination of values, nor for all that have no price of their own."""
    named = {name for name, _ in price.match}
    if named and named != set(charge.price_by):
        price_by = f"by {', '.join(charge.price_by)}" if charge.price_by else "by none"
        message = f"{charge.charge_id} is priced {price_by}: a price matches all of these dimensions, or none"
        yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.match", message)


def _unusable_names(path: str, charge: Charge, index: CatalogIndex) -> Iterator[Issue]:
    where = f"{path}.price_by"
    if charge.price_by and charge.meter is None:
        message = "a fee is of no usage that could have dimensions"
        yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, where, message)
    meter = None if charge.meter is None else index.meters.get(charge.meter)
    fixed = {name for name, _ in charge.match} | ({CURRENCY_DIMENSION} if charge.is_of_money else set())
    for i, name in enumerate(charge.price_by):
        if meter is not None and name not in meter.dimensions:
            message = f"meter {meter.code} keeps no dimension {name!r}"
            yield fault(CatalogFaultCode.UNKNOWN_REFERENCE, f"{where}[{i}]", message)
        if name in charge.price_by[:i]:
            yield fault(CatalogFaultCode.INVALID_VALUE, f"{where}[{i}]", f"{name!r} is named twice")
        if name in fixed:
            message = f"the charge takes one value of {name!r} only"
            yield fault(CatalogFaultCode.INVALID_VALUE, f"{where}[{i}]", message)
