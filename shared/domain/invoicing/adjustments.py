"""Adjustments: usage that issued invoices have not read goes on the contract's next invoice, in its own service period.

The rule, per charge and service period: the rating of the final usage, rounded as a line is, less what all invoices
have billed for it so far. Rounding the difference instead would lose cents, or make some. What an invoice takes of a
billing period it takes whole, and its manifest of that period says so; what it cannot take waits for a later one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from shared.domain.identifiers import ProductId
from shared.domain.invoicing.billed_period import Billed, BilledPeriod, ChargeName
from shared.domain.invoicing.invoice import AdjustedPeriod, Adjustment, InvoiceLine
from shared.domain.invoicing.kept_back import KeptBack
from shared.domain.invoicing.lines import line_of
from shared.domain.invoicing.validation import LONGEST_LINE_TEXT, MAX_LINES_PER_INVOICE
from shared.domain.issue import Severity
from shared.domain.master_data.catalog import Product
from shared.domain.money import EXACT, Currency, Money, total
from shared.domain.rating.contract import RatedContract
from shared.domain.rating.rated_charge import RatedCharge

_LONGEST_TEXT = min(LONGEST_LINE_TEXT.values())


@dataclass(frozen=True, slots=True)
class PeriodAdjustment:
    """What one invoice takes of an earlier period. Without lines the new usage changes nothing that is billed."""

    adjusted: AdjustedPeriod
    lines: tuple[InvoiceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedTwice:
    """An earlier period's usage charges by today's catalogue: on the usage that is billed, and on all there is now."""

    billed: RatedContract
    final: RatedContract


def adjustment(
    period: BilledPeriod,
    adjusted: AdjustedPeriod,
    rated: RatedTwice,
    *,
    products: Mapping[ProductId, Product],
    currency: Currency,
) -> PeriodAdjustment | KeptBack:
    """Return what has to be billed beyond what is billed of the period; it may be less than nothing.

    Nothing is priced anew in silence: what was billed must be what its usage comes to by today's catalogue.
    """
    billed = period.usage()
    faults = [*_faults(rated.final), *_differences(billed, rated.billed, currency)]
    if faults:
        return KeptBack(period.own.invoice_id, "; ".join(faults))
    final = _by_name(rated.final)
    changed = {name: charge for name, charge in _by_name(rated.billed).items() if name not in final}
    lines = [_line(period, billed.get(name), charge, products, currency) for name, charge in final.items()]
    lines += [
        _line(period, billed[name], replace(charge, quantity=Decimal(0), parts=()), products, currency)
        for name, charge in changed.items()
    ]
    return PeriodAdjustment(adjusted, tuple(line for line in lines if line.quantity or line.amount.amount))


def fitting(
    own: Sequence[InvoiceLine], found: Iterable[PeriodAdjustment | KeptBack]
) -> tuple[tuple[PeriodAdjustment, ...], tuple[KeptBack, ...]]:
    """Return what an invoice with these lines of its own can take, and what it cannot.

    No invoice asks for less than nothing, in no tax category: a credit that is too great waits. Debits go first.
    """
    lines = list(own)
    taken, kept = [], []
    for one in sorted(found, key=_is_credit):
        if isinstance(one, KeptBack):
            kept.append(one)
        elif why := _too_much([*lines, *one.lines]):
            kept.append(KeptBack(one.adjusted.invoice_id, why))
        else:
            lines += one.lines
            taken.append(one)
    return tuple(taken), tuple(kept)


def _too_much(lines: Sequence[InvoiceLine]) -> str:
    """Say why no invoice can have these lines, or nothing."""
    if len(lines) > MAX_LINES_PER_INVOICE:
        return f"the invoice would have {len(lines)} lines, {MAX_LINES_PER_INVOICE} fit"
    for category in sorted({line.tax_category for line in lines}):
        amounts = [line.amount for line in lines if line.tax_category == category]
        charged = total(amounts, amounts[0].currency)
        if charged.amount < 0:
            return f"the credit is too great: with it the invoice would come to {charged} of tax category {category}"
    return ""


def _is_credit(one: PeriodAdjustment | KeptBack) -> bool:
    return isinstance(one, PeriodAdjustment) and sum(line.amount.amount for line in one.lines) < 0


def _by_name(rated: RatedContract) -> dict[ChargeName, RatedCharge]:
    return {(charge.subscription_id, charge.charge_id): charge for charge in rated.charges}


def _faults(rated: RatedContract) -> Iterator[str]:
    for issue in rated.issues:
        if issue.severity is Severity.CRITICAL:
            yield f"{issue.path}: {issue.message}"


def _differences(billed: Mapping[ChargeName, Billed], again: RatedContract, currency: Currency) -> Iterator[str]:
    """Name both where what was billed is not what rating the same usage again comes to."""
    rated = _by_name(again)
    for name in sorted({*billed, *rated}):
        was, now = billed.get(name), rated.get(name)
        text_was = _in_words(was.quantity, was.amount, was.last.price) if was and _counts(was) else "nothing"
        amount = Money(now.precise_amount, currency).rounded() if now else Money.zero(currency)
        text_now = _in_words(now.quantity, amount, now.price) if now else "nothing"
        if text_was != text_now or (was and now and was.last.service_period != now.service_period):
            yield f"{'/'.join(name)}: billed as {text_was}, and by the catalogue now {text_now}"


def _counts(billed: Billed) -> bool:
    return bool(billed.quantity or billed.amount.amount)


def _in_words(quantity: Decimal, amount: Money, price: str) -> str:
    return f"{quantity.normalize(EXACT):f} for {amount} ({price})"


def _line(
    period: BilledPeriod,
    before: Billed | None,
    charge: RatedCharge,
    products: Mapping[ProductId, Product],
    currency: Currency,
) -> InvoiceLine:
    whole = line_of(charge, products[charge.product_id], currency)
    quantity, amount = (before.quantity, before.amount) if before else (Decimal(0), Money.zero(currency))
    own = period.own
    return replace(
        whole,
        line_id=f"{whole.line_id}@{own.billing_period.name}",
        description=_described(whole.description, period),
        quantity=EXACT.subtract(whole.quantity, quantity),
        amount=whole.amount - amount,
        # What was taxed and booked one way is not adjusted in another.
        product_id=before.last.product_id if before else whole.product_id,
        tax_category=before.last.tax_category if before else whole.tax_category,
        adjusts=Adjustment(invoice_id=own.invoice_id, invoice_number=own.number, quantity=quantity, amount=amount),
    )


def _described(text: str, period: BilledPeriod) -> str:
    """Say on the line itself what it adjusts, within what every ERP takes."""
    number = period.own.number
    of_what = f" ({period.own.billing_period.name}, {f'adjusts {number}' if number else 'not billed before'})"
    return text[: _LONGEST_TEXT - len(of_what)] + of_what
