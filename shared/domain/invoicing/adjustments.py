"""Period adjustments: usage that issued invoices have not read goes on the contract's next invoice, in its own period.

The rule, per line name and billing period: the rating of the final usage, rounded as a line is, less what all invoices
have billed for it so far and credit notes that correct them have left. Rounding the difference instead would lose
cents, or make some. What an invoice takes of a billing period it takes whole, and its manifest of that period says so;
what it cannot take waits for a later one, or is left over for credit notes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from shared.domain.invoicing.billed_period import Billed, BilledPeriod, LineName
from shared.domain.invoicing.invoice import AdjustedPeriod, Adjustment, InvoiceLine, PeriodAdjustment
from shared.domain.invoicing.kept_back import KeptBack
from shared.domain.invoicing.lines import LONGEST_TEXT
from shared.domain.invoicing.validation import MAX_LINES_PER_INVOICE
from shared.domain.issue import Issue, Severity
from shared.domain.money import EXACT, Currency, Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedTwice:
    """What usage makes of an earlier period by today's catalogue: of the usage that is billed, and of all there is now.

    `billed` carries over what earlier periods have billed, `final` what they come to at last. `issues` are those of the
    final rating.
    """

    billed: tuple[InvoiceLine, ...]
    final: tuple[InvoiceLine, ...]
    issues: tuple[Issue, ...]


def adjustment(
    period: BilledPeriod, adjusted: AdjustedPeriod, rated: RatedTwice, *, currency: Currency
) -> PeriodAdjustment | KeptBack:
    """Return what has to be billed beyond what is billed of the period; it may be less than nothing.

    Nothing is priced anew in silence: what was settled must be what its usage comes to by today's catalogue.
    """
    faults = [*_faults(rated.issues), *_differences(period.settled.rated_by_usage(), rated.billed)]
    if faults:
        return KeptBack(period.own.invoice_id, "; ".join(faults))
    billed = period.now.rated_by_usage()
    final = {line.name: line for line in rated.final}
    gone = [without_anything(before.last) for name, before in billed.items() if name not in final]
    lines = (_line(period, billed.get(whole.name), whole, currency) for whole in (*rated.final, *gone))
    return PeriodAdjustment(adjusted, tuple(line for line in lines if line.quantity or line.amount.amount))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLines:
    """An invoice's lines of its own period: with what it may take of earlier ones taken, and with none of it.

    They differ only where state is carried over (`together`); then all of the earlier periods are taken, or none is.
    The invoice has room for `most` lines.
    """

    taking: tuple[InvoiceLine, ...]
    without: tuple[InvoiceLine, ...]
    together: bool = False
    most: int = MAX_LINES_PER_INVOICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The lines of an invoice, the earlier periods it takes with them, and what it cannot take.

    What is `left_over` is kept back only because an invoice asks for nothing less than nothing.
    """

    lines: tuple[InvoiceLine, ...]
    adjusted: tuple[AdjustedPeriod, ...]
    kept_back: tuple[KeptBack, ...]
    left_over: tuple[PeriodAdjustment, ...] = ()


def fitting(own: OwnLines, found: Iterable[PeriodAdjustment | KeptBack]) -> Fitted:
    """Return what an invoice with these lines of its own can take, and what it cannot.

    No invoice asks for less than nothing, in no tax category: a credit that is too great waits. Debits go first.
    """
    found = tuple(found)
    if own.together:
        return _all_or_none(own, found)
    lines = list(own.taking)
    taken, kept, left_over = [], [], []
    for one in sorted(found, key=_is_credit):
        if isinstance(one, KeptBack):
            kept.append(one)
        elif why := _too_long([*lines, *one.lines], own.most):
            kept.append(KeptBack(one.adjusted.invoice_id, why))
        elif why := _too_great([*lines, *one.lines]):
            kept.append(KeptBack(one.adjusted.invoice_id, why))
            left_over.append(one)
        else:
            lines += one.lines
            taken.append(one.adjusted)
    return Fitted(lines=tuple(lines), adjusted=tuple(taken), kept_back=tuple(kept), left_over=tuple(left_over))


def _all_or_none(own: OwnLines, found: Sequence[PeriodAdjustment | KeptBack]) -> Fitted:
    adjustments = [one for one in found if isinstance(one, PeriodAdjustment)]
    kept = [one for one in found if isinstance(one, KeptBack)]
    lines = (*own.taking, *(line for one in adjustments for line in one.lines))
    too_long, too_great = _too_long(lines, own.most), _too_great(lines)
    if not kept and not ((too_long or too_great) and adjustments):
        return Fitted(lines=lines, adjusted=tuple(one.adjusted for one in adjustments), kept_back=())
    why = f"it is settled together with {kept[0].invoice_id}" if kept else too_long or too_great
    return Fitted(
        lines=own.without,
        adjusted=(),
        kept_back=(*kept, *(KeptBack(one.adjusted.invoice_id, why) for one in adjustments)),
        left_over=() if kept or too_long else tuple(adjustments),
    )


def _too_long(lines: Sequence[InvoiceLine], most: int) -> str:
    """Say that the invoice can not have so many lines, or nothing."""
    if len(lines) > most:
        return f"the invoice would have {len(lines)} lines, {most} fit"
    return ""


def _too_great(lines: Sequence[InvoiceLine]) -> str:
    """Say that an invoice of these lines would ask for less than nothing, or nothing."""
    for category in sorted({line.tax_category for line in lines}):
        amounts = [line.amount for line in lines if line.tax_category == category]
        charged = total(amounts, amounts[0].currency)
        if charged.amount < 0:
            return f"the credit is too great: with it the invoice would come to {charged} of tax category {category}"
    return ""


def _is_credit(one: PeriodAdjustment | KeptBack) -> bool:
    return isinstance(one, PeriodAdjustment) and sum(line.amount.amount for line in one.lines) < 0


def _faults(issues: Iterable[Issue]) -> Iterator[str]:
    for issue in issues:
        if issue.severity is Severity.CRITICAL:
            yield f"{issue.path}: {issue.message}"


def _differences(billed: Mapping[LineName, Billed], again: Iterable[InvoiceLine]) -> Iterator[str]:
    """Name both where what was billed is not what rating the same usage again comes to."""
    rated = {line.name: line for line in again}
    for name in sorted({*billed, *rated}):
        was, now = billed.get(name), rated.get(name)
        text_was = _in_words(was.quantity, was.amount, was.last.price) if was and _counts(was) else "nothing"
        text_now = _in_words(now.quantity, now.amount, now.price) if now else "nothing"
        if text_was != text_now or (was and now and was.last.service_period != now.service_period):
            yield f"{name}: billed as {text_was}, and by the catalogue now {text_now}"


def _counts(billed: Billed) -> bool:
    return bool(billed.quantity or billed.amount.amount)


def _in_words(quantity: Decimal, amount: Money, price: str) -> str:
    return f"{quantity.normalize(EXACT):f} for {amount} ({price})"


def without_anything(last: InvoiceLine) -> InvoiceLine:
    """Return the line of what was billed, as it is when nothing of it is due."""
    nothing = Money.zero(last.amount.currency)
    what, _, _ = last.description.rpartition(" (")
    return replace(
        last,
        line_id=last.name,
        description=what if last.adjusts else last.description,
        quantity=Decimal(0),
        parts=(),
        precise_amount=Decimal(0),
        amount=nothing,
        tax_code="",
    )


def _line(period: BilledPeriod, before: Billed | None, whole: InvoiceLine, currency: Currency) -> InvoiceLine:
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
    return text[: LONGEST_TEXT - len(of_what)] + of_what
