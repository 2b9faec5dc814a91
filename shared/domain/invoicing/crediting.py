"""What a credit comes to: never more than is left of the invoice, and all of them together are the invoice.

What is left is counted per line (net) and per tax rate. The tax of a credit note is its base at the invoice's rate,
rounded, as any reader works it out. Where those roundings together would be more than one minor unit off the tax of
what is credited so far, it gives way by that unit; and the one that credits a rate's last net takes the tax that is
left. So credit notes that end complete sum to the invoice's net, to each of its taxes and to its gross.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import assert_never

from shared.domain.invoicing.credit_note import (
    Credit,
    Credited,
    CreditedLine,
    LineAmount,
    LinesCredit,
    ShareCredit,
    WholeCredit,
)
from shared.domain.invoicing.credited_share import portions_of
from shared.domain.invoicing.credited_tax import Rate, rate_of, tax_of_base, within
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceTax
from shared.domain.invoicing.lowered_later import NOTHING_LOWERED
from shared.domain.money import EXACT, Currency, Money, total


class CreditRefusedError(ValueError):
    """Why this cannot be credited, in words for whoever asked; every fault is named."""


@dataclass(frozen=True, slots=True)
class _Before:
    """What earlier credit notes of the invoice have credited, by line and by tax rate."""

    amounts: Mapping[str, Money]
    line_taxes: Mapping[str, Money]
    taxes: Mapping[Rate, Money]


def credited(
    invoice: Invoice,
    earlier: Sequence[Credited],
    credit: Credit,
    *,
    lowered: Mapping[str, Money] = NOTHING_LOWERED,
) -> Credited:
    """Return the figures of one more credit note; raise CreditRefusedError for what does not fit what is left.

    `lowered` is what later invoices have taken off lines: nobody is credited that again.
    """
    before = _before(invoice, earlier)
    left = {line.line_id: _left(line, before, lowered) for line in invoice.lines}
    amounts = _amounts(invoice, left, credit)
    lines = tuple(_line(line, amounts[line.line_id], before) for line in invoice.lines if line.line_id in amounts)
    if not lines:
        raise CreditRefusedError(f"nothing is left of {invoice.number} to credit")
    rates = {rate_of(line) for line in lines}
    faults: list[str] = []
    taxes = tuple(_tax(tax, invoice, lines, before, faults) for tax in invoice.taxes if rate_of(tax) in rates)
    net, tax = (total(parts, invoice.net.currency) for parts in ([x.amount for x in lines], [x.amount for x in taxes]))
    whole = Credited(lines=lines, taxes=taxes, net=net, tax=tax, gross=net + tax)
    gross_left = invoice.gross - total((one.gross for one in earlier), invoice.gross.currency)
    if not faults and not 0 <= whole.gross.amount <= gross_left.amount:
        faults.append(f"it comes to {whole.gross}, and {gross_left} is left of {invoice.number}")
    if faults:
        raise CreditRefusedError("; ".join(faults))
    return whole


@dataclass(frozen=True, slots=True)
class Left:
    """What of an invoice may still be credited: of its lines by id, and of the net amount at each tax rate."""

    lines: Mapping[str, Money]
    rates: Mapping[Rate, Money]


def left_of(invoice: Invoice, earlier: Sequence[Credited], *, lowered: Mapping[str, Money] = NOTHING_LOWERED) -> Left:
    before = _before(invoice, earlier)
    rates = {rate_of(tax): tax.base for tax in invoice.taxes}
    for line in invoice.lines:
        rates[rate_of(line)] -= before.amounts[line.line_id]
    return Left({line.line_id: _left(line, before, lowered) for line in invoice.lines}, rates)


def is_complete(invoice: Invoice, notes: Sequence[Credited]) -> bool:
    """Whether nothing of the invoice is left to credit."""
    before = _before(invoice, notes)
    return all(line.amount == before.amounts[line.line_id] for line in invoice.lines)


def _left(line: InvoiceLine, before: _Before, lowered: Mapping[str, Money]) -> Money:
    left = line.amount - before.amounts[line.line_id]
    rest = left + lowered.get(line.line_id, Money.zero(left.currency))
    return rest if within(rest, left) else Money.zero(left.currency)


def _before(invoice: Invoice, earlier: Sequence[Credited]) -> _Before:
    nothing = Money.zero(invoice.net.currency)
    amounts = {line.line_id: nothing for line in invoice.lines}
    line_taxes = dict(amounts)
    taxes = {rate_of(tax): nothing for tax in invoice.taxes}
    for one in earlier:
        for line in one.lines:
            amounts[line.line_id] += line.amount
            line_taxes[line.line_id] += line.tax or nothing
        for tax in one.taxes:
            taxes[rate_of(tax)] += tax.amount
    return _Before(amounts, line_taxes, taxes)


def _amounts(invoice: Invoice, left: Mapping[str, Money], credit: Credit) -> dict[str, Money]:
    """Return what is credited of which line; none is zero, and none more than is left."""
    match credit:
        case WholeCredit():
            wanted = dict(left)
        case ShareCredit(share=share):
            wanted = _shares(invoice, left, share)
        case LinesCredit(amounts=amounts):
            wanted = _asked(amounts, left, invoice.net.currency)
        case _ as never:
            assert_never(never)
    faults = [
        f"{amount} of line {line_id}, of which {left[line_id]} is left"
        for line_id, amount in wanted.items()
        if not within(amount, left[line_id])
    ]
    if faults:
        raise CreditRefusedError(f"more than is left of {invoice.number}: " + "; ".join(faults))
    return {line_id: amount for line_id, amount in wanted.items() if amount.amount}


def _asked(amounts: Sequence[LineAmount], left: Mapping[str, Money], currency: Currency) -> dict[str, Money]:
    asked: dict[str, Money] = {}
    faults: list[str] = []
    for one in amounts:
        if one.line_id not in left:
            faults.append(f"the invoice has no line {one.line_id}")
        elif one.line_id in asked:
            faults.append(f"line {one.line_id} is named twice")
        elif one.amount.currency != currency or one.amount.rounded().amount != one.amount.amount:
            faults.append(f"{one.amount} of line {one.line_id} is no amount of {currency} to its minor unit")
        else:
            asked[one.line_id] = one.amount.rounded()
    if faults:
        raise CreditRefusedError("; ".join(faults))
    return asked


def _shares(invoice: Invoice, left: Mapping[str, Money], share: Decimal) -> dict[str, Money]:
    """Share out each rate's net, rounded once, over its lines."""
    if not 0 < share <= 1:
        raise CreditRefusedError(f"a share is more than 0 and at most 1, not {share:f}")
    shares: dict[str, Money] = {}
    for rate in dict.fromkeys(map(rate_of, invoice.lines)):
        lines = [line for line in invoice.lines if rate_of(line) == rate]
        portions = portions_of([line.amount for line in lines], share, left=[left[line.line_id] for line in lines])
        shares |= {line.line_id: portion for line, portion in zip(lines, portions, strict=True)}
    return shares


def _line(line: InvoiceLine, amount: Money, before: _Before) -> CreditedLine:
    assert line.tax_rate is not None, "no line is issued without its tax"
    tax = None
    if line.tax is not None:
        so_far = before.amounts[line.line_id] + amount
        portion = EXACT.divide(EXACT.multiply(line.tax.amount, so_far.amount), line.amount.amount)
        tax = Money(portion, amount.currency).rounded() - before.line_taxes[line.line_id]
    return CreditedLine(
        line_id=line.line_id,
        product_id=line.product_id,
        description=line.description,
        amount=amount,
        service_period=line.service_period,
        tax_code=line.tax_code,
        tax_rate=line.tax_rate,
        vat_category=line.vat_category,
        tax=tax,
    )


def _tax(
    tax: InvoiceTax, invoice: Invoice, lines: Sequence[CreditedLine], before: _Before, faults: list[str]
) -> InvoiceTax:
    """Return the tax of one rate. A base beyond what is left of it is a fault."""
    rate, currency = rate_of(tax), tax.base.currency
    now = [line for line in lines if rate_of(line) == rate]
    base = total((line.amount for line in now), currency)
    of_rate = [line for line in invoice.lines if rate_of(line) == rate]
    base_before = total((before.amounts[line.line_id] for line in of_rate), currency)
    if not within(base, tax.base - base_before):
        left = tax.base - base_before
        faults.append(f"{base} taxed by {tax.code} at {tax.rate:f}, of which {left} is left (with what lowers it)")
    by_line = [line.tax for line in now if line.tax is not None]
    amount = (
        total(by_line, currency)
        if by_line
        else tax_of_base(tax, base, base_before=base_before, tax_before=before.taxes[rate])
    )
    return replace(tax, base=base, amount=amount)
