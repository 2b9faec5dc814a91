"""Whatever a contract will need is there for all of its time: prices, tax rates, and the ERP's names for them."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from shared.domain.identifiers import ProductId
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Charge, Price
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.effective_day import effective_day, effective_instant
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.index import Agreement, CatalogIndex
from shared.domain.posting.systems.registry import SYSTEMS
from shared.domain.rating.adjustments import product_of
from shared.domain.time_period import Period

_INSTANT = timedelta(microseconds=1)


def what_contracts_need(draft: CatalogDraft, index: CatalogIndex) -> Iterator[Issue]:
    """Name each need that is not met once, with the first contract that has it."""
    named: set[tuple[str, ...]] = set()
    for agreement in index.agreements:
        for key, issue in _unmet(agreement, draft, index):
            if key not in named:
                named.add(key)
                yield issue


def _unmet(agreement: Agreement, draft: CatalogDraft, index: CatalogIndex) -> Iterator[tuple[tuple[str, ...], Issue]]:
    yield from _currency_mapping(agreement)
    for position, charge in enumerate(agreement.plan.record.charges):
        yield from _price(f"{agreement.plan.path}.charges[{position}].prices", charge, agreement)
        yield from _sold(charge.product_id, draft, index, agreement)
        for product_id in filter(None, map(product_of, charge.adjustments)):
            yield from _sold(product_id, draft, index, agreement)
    for product_id in filter(None, map(product_of, agreement.contract.adjustments)):
        yield from _sold(product_id, draft, index, agreement)


def _sold(
    product_id: ProductId, draft: CatalogDraft, index: CatalogIndex, agreement: Agreement
) -> Iterator[tuple[tuple[str, ...], Issue]]:
    product = index.products.get(product_id)
    if product is not None:
        yield from _product_mapping(product_id, agreement)
        yield from _tax(product.tax_category, draft, agreement)


def _price(path: str, charge: Charge, agreement: Agreement) -> Iterator[tuple[tuple[str, ...], Issue]]:
    currency = agreement.contract.currency
    in_book = ((price, price.valid) for price in charge.prices if price.currency == currency)
    in_force = [period for price, valid in in_book for period in _since_its_phase(price, valid, agreement)]
    gap = first_gap(_looked_up(agreement), [*in_force, *_agreed(charge, agreement)])
    if gap is not None:
        message = (
            f"contract {agreement.contract.contract_id} needs a {currency} price of {charge.charge_id} {_days(gap)}"
        )
        yield ("price", path, currency.code), fault(CatalogFaultCode.PRICE_MISSING, path, message)


def _product_mapping(product_id: ProductId, agreement: Agreement) -> Iterator[tuple[tuple[str, ...], Issue]]:
    entity = agreement.legal_entity
    if product_id not in entity.record.erp.products:
        message = f"no account for product {product_id}, sold by contract {agreement.contract.contract_id}"
        path = f"{entity.path}.erp.products"
        yield ("product", path, product_id), fault(CatalogFaultCode.MAPPING_MISSING, path, message)


def _currency_mapping(agreement: Agreement) -> Iterator[tuple[tuple[str, ...], Issue]]:
    entity, currency = agreement.legal_entity, agreement.contract.currency
    system = SYSTEMS.get(entity.record.erp.system)
    if system and system.mapping.names_currencies and currency.code not in entity.record.erp.currencies:
        message = f"no internal id for {currency}, used by contract {agreement.contract.contract_id}"
        path = f"{entity.path}.erp.currencies"
        yield ("currency", path, currency.code), fault(CatalogFaultCode.MAPPING_MISSING, path, message)


def _tax(category: str, draft: CatalogDraft, agreement: Agreement) -> Iterator[tuple[tuple[str, ...], Issue]]:
    if agreement.legal_entity.record.tax.is_outside:
        yield from _outside_tax(category, agreement)
        return
    entity, buyer = agreement.legal_entity, agreement.buyer.country
    seller = entity.record.country
    fitting = [
        rate.record
        for rate in draft.tax_rates
        if rate.record.seller_country == seller
        and rate.record.buyer_country in {buyer, "*"}
        and rate.record.category == category
    ]
    gap = first_gap(_looked_up(agreement), (rate.valid for rate in fitting))
    if gap is not None and not draft.unusable.get("tax_rates"):
        message = f"no tax rate from {seller} to {buyer} for category {category!r} {_days(gap)}"
        yield ("tax", seller, buyer, category), fault(CatalogFaultCode.TAX_RATE_MISSING, agreement.path, message)
    path = f"{entity.path}.erp.tax_codes"
    for rate in fitting:
        if rate.code not in entity.record.erp.tax_codes:
            message = f"no tax code for {rate.code}, needed from {seller} to {buyer}"
            yield ("tax code", path, rate.code), fault(CatalogFaultCode.MAPPING_MISSING, path, message)


def _outside_tax(category: str, agreement: Agreement) -> Iterator[tuple[tuple[str, ...], Issue]]:
    entity = agreement.legal_entity
    tax = entity.record.tax
    if category not in tax.categories:
        message = (
            f"no {tax.engine} name of tax category {category!r}, sold by contract {agreement.contract.contract_id}"
        )
        path = f"{entity.path}.tax.categories"
        yield ("tax category", path, category), fault(CatalogFaultCode.MAPPING_MISSING, path, message)
    if tax.code not in entity.record.erp.tax_codes:
        path = f"{entity.path}.erp.tax_codes"
        message = f"no tax code for {tax.code}, which {tax.engine} taxes by"
        yield ("tax code", path, tax.code), fault(CatalogFaultCode.MAPPING_MISSING, path, message)


def _looked_up(agreement: Agreement) -> Period:
    """Return the time in which prices and rates are looked up: from the first to the last local day, at their noon."""
    zone, end = agreement.customer.time_zone, agreement.active.end
    last = None if end is None else effective_instant(end - _INSTANT, zone) + _INSTANT
    return Period(effective_instant(agreement.active.start, zone), last)


def _agreed(charge: Charge, agreement: Agreement) -> Iterator[Period]:
    """Yield when prices of the contract are in force, by its dates as the price book writes them."""
    zone = agreement.customer.time_zone
    for one in agreement.contract.prices:
        if one.concerns(agreement.subscription.subscription_id, charge.charge_id):
            start, end = one.price.valid.start, one.price.valid.end
            first, out = effective_day(start, zone), None if end is None else effective_day(end, zone)
            if out is None or out > first:
                yield from _since_its_phase(one.price, Period(first, out), agreement)


def _since_its_phase(price: Price, valid: Period, agreement: Agreement) -> Iterator[Period]:
    zone = agreement.customer.time_zone
    begins = price.begins(agreement.contract, agreement.subscription, zone)
    whole = valid if begins is None else valid.intersection(Period(effective_day(begins, zone), None))
    if whole is not None:
        yield whole


def _days(gap: Period) -> str:
    return f"from {gap.start:%Y-%m-%d}" + (f" until {gap.end:%Y-%m-%d}" if gap.end else " on")


def first_gap(needed: Period, periods: Iterable[Period]) -> Period | None:
    """Return the first part of a period that none of the others covers; None when they cover it all."""
    reached = needed.start
    for period in sorted(periods, key=lambda candidate: candidate.start):
        if period.start > reached:
            gap_end = period.start if needed.end is None else min(period.start, needed.end)
            return Period(reached, gap_end)
        if period.end is None or (needed.end is not None and period.end >= needed.end):
            return None
        reached = max(reached, period.end)
    return Period(reached, needed.end)
