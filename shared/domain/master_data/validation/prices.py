"""Only one price, and only one tax rate, is in force at a time."""

from collections.abc import Iterator
from itertools import combinations

from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Charge, Price
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.rating.priced_dimensions import in_words


def unusable_prices(draft: CatalogDraft) -> Iterator[Issue]:
    for plan in draft.plans:
        for position, charge in enumerate(plan.record.charges):
            path = f"{plan.path}.charges[{position}]"
            yield from _overlapping(path, charge)
    yield from _overlapping_tax_rates(draft)


def _overlapping(path: str, charge: Charge) -> Iterator[Issue]:
    for (i, earlier), (j, later) in combinations(enumerate(charge.prices), 2):
        if earlier.currency == later.currency and (why := at_the_same_time(earlier, later)):
            of_what = f" of {in_words(later.match)}" if later.match else ""
            message = f"this {later.currency} price{of_what} {why} prices[{i}]"
            yield fault(CatalogFaultCode.OVERLAPPING_PRICES, f"{path}.prices[{j}]", message)


def at_the_same_time(earlier: Price, later: Price) -> str:
    """Say, up to the name of the earlier one, why nobody could tell which of two prices holds; nothing if one can."""
    if earlier.match != later.match or not earlier.valid.overlaps(later.valid):
        return ""
    if earlier.phase == later.phase:
        return "is in force at the same time as"
    phases = [one.phase for one in (earlier, later) if one.phase is not None]
    if len({(one.unit, one.counted_from) for one in phases}) > 1:
        return f"begins {later.phase}, and is not counted like"
    return ""


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
