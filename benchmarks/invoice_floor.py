"""The bare minimum: an invoice made again of its own results, with the Decimals calculated and its objects made.

No price is looked up, no text is written and nothing is checked: what is here no way of rating in Python can leave out.
"""

from decimal import ROUND_HALF_UP, Decimal

from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceTax
from shared.domain.money import EXACT, Money
from shared.domain.rating.rated_charge import RatedPart

_CENT = Decimal("0.01")


def anew(taxed: Invoice) -> Invoice:
    """Draft the invoice of its lines, each rated by its last part, and make it again with the tax of its first code."""
    currency = taxed.net.currency
    drafted = tuple([_drafted(line) for line in taxed.lines])
    net = _sum(drafted)
    draft = _invoice(taxed, drafted, (), net, Decimal("0.00"))
    lines = tuple([_taxed(line, of) for line, of in zip(draft.lines, taxed.lines, strict=True)])
    net, known = _sum(lines), taxed.taxes[0]
    tax = EXACT.multiply(net, known.rate).quantize(_CENT, ROUND_HALF_UP, EXACT)
    in_all = InvoiceTax(
        code=known.code,
        rate=known.rate,
        base=Money(net, currency),
        amount=Money(tax, currency),
        vat_category=known.vat_category,
        exemption_reason=known.exemption_reason,
    )
    return _invoice(draft, lines, (in_all,), net, tax)


def _drafted(of: InvoiceLine) -> InvoiceLine:
    *passed, last = of.parts
    part = RatedPart(
        last.label,
        last.quantity,
        last.unit_price,
        last.flat_amount,
        EXACT.fma(last.quantity, last.unit_price, last.flat_amount),
        last.takes,
    )
    precise = part.amount
    for one in passed:
        precise = EXACT.add(precise, one.amount)
    return InvoiceLine(
        line_id=of.line_id,
        subscription_id=of.subscription_id,
        charge_id=of.charge_id,
        product_id=of.product_id,
        description=of.description,
        meter=of.meter,
        quantity=of.quantity,
        price=of.price,
        parts=(*passed, part),
        precise_amount=precise,
        amount=Money(precise.quantize(_CENT, ROUND_HALF_UP, EXACT), of.amount.currency),
        service_period=of.service_period,
        tax_category=of.tax_category,
    )


def _taxed(draft: InvoiceLine, of: InvoiceLine) -> InvoiceLine:
    return InvoiceLine(
        line_id=draft.line_id,
        subscription_id=draft.subscription_id,
        charge_id=draft.charge_id,
        product_id=draft.product_id,
        description=draft.description,
        meter=draft.meter,
        quantity=draft.quantity,
        price=draft.price,
        parts=draft.parts,
        precise_amount=draft.precise_amount,
        amount=draft.amount,
        service_period=draft.service_period,
        tax_category=draft.tax_category,
        tax_code=of.tax_code,
        tax_rate=of.tax_rate,
        vat_category=of.vat_category,
    )


def _sum(lines: tuple[InvoiceLine, ...]) -> Decimal:
    net = Decimal("0.00")
    for line in lines:
        net = EXACT.add(net, line.amount.amount)
    return net


def _invoice(
    of: Invoice, lines: tuple[InvoiceLine, ...], taxes: tuple[InvoiceTax, ...], net: Decimal, tax: Decimal
) -> Invoice:
    currency = of.net.currency
    return Invoice(
        tenant=of.tenant,
        invoice_id=of.invoice_id,
        revision=of.revision,
        state=of.state,
        customer_id=of.customer_id,
        contract_id=of.contract_id,
        legal_entity_id=of.legal_entity_id,
        billing_period=of.billing_period,
        lines=lines,
        taxes=taxes,
        net=Money(net, currency),
        tax=Money(tax, currency),
        gross=Money(EXACT.add(net, tax), currency),
        manifest=of.manifest,
        catalog_version=of.catalog_version,
        prepared_by=of.prepared_by,
    )
