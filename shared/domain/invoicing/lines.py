"""What was rated as invoice lines, each rounded here, once; and what lines come to, for the adjustments after them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

from shared.domain.identifiers import ProductId
from shared.domain.invoicing.invoice import InvoiceLine
from shared.domain.master_data.catalog import Product
from shared.domain.money import Currency, Money, total
from shared.domain.rating.adjustments.lines import Due, RatedAdjustment
from shared.domain.rating.priced_dimensions import in_words
from shared.domain.rating.rated_charge import RatedCharge, RatedPart

LONGEST_TEXT = 100  # what an invoice, and most ERPs, have room for


Products: TypeAlias = Mapping[ProductId, Product]


def line_of(charge: RatedCharge, products: Products, currency: Currency) -> InvoiceLine:
    """Return the line that bills the charge whole; its product may be unknown if it sets a billed line right."""
    amount = Money(charge.precise_amount, currency)
    return InvoiceLine(
        line_id=charge.line_id,
        subscription_id=charge.subscription_id,
        charge_id=charge.charge_id,
        product_id=charge.product_id,
        description=_described(charge, products),
        meter=charge.meter,
        quantity=charge.quantity,
        price=charge.price,
        parts=charge.parts,
        precise_amount=amount.amount,
        amount=amount.rounded(),
        service_period=charge.service_period,
        tax_category=charge.tax_category or products[charge.product_id].tax_category,
        priced_by=charge.priced_by,
    )


def _described(charge: RatedCharge, products: Products) -> str:
    what = charge.description or products[charge.product_id].name
    return f"{what} ({in_words(charge.priced_by)})"[:LONGEST_TEXT] if charge.priced_by else what


def products_with(products: Products, billed: Iterable[InvoiceLine]) -> Products:
    """Return all products, and those that only lines know: what they were billed as, the catalogue may have lost."""
    gone = {
        line.product_id: Product(product_id=line.product_id, name=line.description, tax_category=line.tax_category)
        for line in billed
        if line.product_id not in products
    }
    return {**products, **gone} if gone else products


def adjustment_line(rated: RatedAdjustment, products: Products) -> InvoiceLine:
    """Return the line of a price adjustment: booked on its own product, taxed as what it goes with."""
    what = rated.description or products[rated.taxed_as].name
    part = RatedPart(rated.arithmetic, Decimal(1), Decimal(0), rated.precise_amount, rated.precise_amount)
    return InvoiceLine(
        line_id=rated.name,
        subscription_id=rated.subscription_id,
        charge_id=rated.charge_id,
        product_id=rated.product_id,
        description=f"{what}: {rated.terms}"[:LONGEST_TEXT],
        meter=None,
        quantity=part.quantity,
        price=rated.terms,
        parts=(part,),
        precise_amount=rated.precise_amount,
        amount=rated.amount,
        service_period=rated.service_period,
        tax_category=products[rated.taxed_as].tax_category,
        applied=rated.applied,
    )


def dues_of(lines: Iterable[InvoiceLine]) -> tuple[Due, ...]:
    """Return what is due by lines of one billing period, after those that lower another one.

    Lines of a fee stay apart, each with its own service period, unless their charge has lowered them together.
    """
    lines = tuple(lines)
    lowered: dict[str, list[Money]] = defaultdict(list)
    for line in lines:
        if line.applied is not None and line.applied.kind.lowers:
            lowered[line.applied.target].append(line.amount)
    dues: dict[str, Due] = {}
    for line in lines:
        if line.applied is None or not line.applied.kind.lowers:
            name = line.name if line.applied or line.name in lowered else line.line_id
            before = dues.get(name)
            dues[name] = replace(before, amount=before.amount + line.amount) if before else _due(line, name)
    return tuple(_after(due, lowered[name]) for name, due in dues.items())


def _after(due: Due, changes: Sequence[Money]) -> Due:
    return replace(due, amount=total([due.amount, *changes], due.amount.currency))


def _due(line: InvoiceLine, name: str) -> Due:
    return Due(
        name=name,
        subscription_id=line.subscription_id,
        charge_id=line.charge_id,
        product_id=line.product_id,
        description=line.description,
        service_period=line.service_period,
        amount=line.amount,
    )
