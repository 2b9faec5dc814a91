"""Only one price, and only one tax rate, is in force at a time."""

from collections.abc import Iterator
from itertools import combinations

from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Charge
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
        is_same = earlier.currency == later.currency and earlier.match == later.match
        if is_same and earlier.valid.overlaps(later.valid):
            of_what = f" of {in_words(later.match)}" if later.match else ""
            message = f"this {later.currency} price{of_what} is in force at the same time as prices[{i}]"
            yield fault(CatalogFaultCode.OVERLAPPING_PRICES, f"{path}.prices[{j}]", message)


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
