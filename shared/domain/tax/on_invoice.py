"""What an engine's answer makes of a draft: taxes, or the issues that keep it from being issued."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias, assert_never

from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceTax
from shared.domain.invoicing.totals import totals
from shared.domain.issue import Issue, Severity
from shared.domain.money import total
from shared.domain.tax.outcome import (
    Quotation,
    Quoted,
    TaxAuthFailed,
    TaxedLine,
    TaxGap,
    TaxGapCode,
    TaxRefused,
    TaxUnavailable,
)
from shared.domain.vat_category import VatCategory

TAX_UNAVAILABLE = "TAX_UNAVAILABLE"
TAX_REFUSED = "TAX_REFUSED"
TAX_AUTH_FAILED = "TAX_AUTH_FAILED"
_TaxedAlike: TypeAlias = tuple[str, Decimal, VatCategory | None]
_OURS = {*TaxGapCode, TAX_UNAVAILABLE, TAX_REFUSED, TAX_AUTH_FAILED}


def with_tax(invoice: Invoice, quotation: Quotation, *, tax_id: str) -> Invoice:
    """Return the draft with its taxes, and with an issue for all that is missing; doing it twice is doing it once.

    `tax_id` is the buyer's: without one there is no reverse charge.
    """
    match quotation:
        case Quoted():
            gaps = (*quotation.gaps, *_claims_without_tax_id(quotation.lines, tax_id))
            issues = [_issue_of(gap, invoice.lines) for gap in gaps]
            return _taxed(invoice, quotation.lines, issues or list(_unanswered(invoice.lines, quotation.lines)))
        case TaxRefused(code=code, text=text):
            return _taxed(invoice, (), [_issue(TAX_REFUSED, f"the tax engine refuses it: {code}: {text}")])
        case TaxUnavailable(reason=reason):
            return _taxed(invoice, (), [_issue(TAX_UNAVAILABLE, f"the tax engine does not answer: {reason}")])
        case TaxAuthFailed(text=text):
            return _taxed(invoice, (), [_issue(TAX_AUTH_FAILED, text)])
        case _ as never:
            assert_never(never)


def _taxed(invoice: Invoice, quoted: Sequence[TaxedLine], found: Sequence[Issue]) -> Invoice:
    by_number = {one.line: one for one in quoted}
    lines = tuple(_line(line, by_number.get(number)) for number, line in enumerate(invoice.lines, start=1))
    taxes = tuple(_taxes(lines, by_number))
    sums = totals(lines, taxes, invoice.net.currency)
    others = tuple(issue for issue in invoice.issues if issue.code not in _OURS)
    return replace(
        invoice,
        lines=lines,
        taxes=taxes,
        net=sums.net,
        tax=sums.tax,
        gross=sums.gross,
        issues=(*others, *found),
    )


def _line(line: InvoiceLine, taxed: TaxedLine | None) -> InvoiceLine:
    """Return the line with its tax and everything else as it was: by name, in half the time that replace() takes."""
    return InvoiceLine(
        line_id=line.line_id,
        subscription_id=line.subscription_id,
        charge_id=line.charge_id,
        product_id=line.product_id,
        description=line.description,
        meter=line.meter,
        quantity=line.quantity,
        price=line.price,
        parts=line.parts,
        precise_amount=line.precise_amount,
        amount=line.amount,
        service_period=line.service_period,
        tax_category=line.tax_category,
        tax_code=taxed.code if taxed else "",
        tax_rate=taxed.rate if taxed else None,
        vat_category=taxed.vat_category if taxed else None,
        tax=taxed.tax if taxed else None,
        adjusts=line.adjusts,
        applied=line.applied,
        priced_by=line.priced_by,
        contract_id=line.contract_id,
    )


def _taxes(lines: Sequence[InvoiceLine], by_number: Mapping[int, TaxedLine]) -> Iterator[InvoiceTax]:
    """Yield one tax for each code, rate and category; rounded once, unless the engine has rounded each line."""
    together: defaultdict[_TaxedAlike, list[tuple[InvoiceLine, TaxedLine]]] = defaultdict(list)
    for number, line in enumerate(lines, start=1):
        if number in by_number:
            together[_key(line)].append((line, by_number[number]))
    for (code, rate, category), members in sorted(together.items(), key=lambda one: _sorting(one[0])):
        amounts = [line.amount for line, _ in members]
        base = total(amounts, amounts[0].currency)
        own = [line.tax for line, _ in members if line.tax is not None]
        yield InvoiceTax(
            code=code,
            rate=rate,
            base=base,
            amount=total(own, base.currency) if own else (base * rate).rounded(),
            vat_category=category,
            exemption_reason=members[0][1].exemption_reason,
        )


def _key(line: InvoiceLine) -> _TaxedAlike:
    """Return what lines that are taxed together have in common; a code may stand for several rates."""
    assert line.tax_rate is not None
    return line.tax_code, line.tax_rate, line.vat_category


def _sorting(key: _TaxedAlike) -> tuple[str, Decimal, str]:
    code, rate, category = key
    return code, rate, category or ""


def _claims_without_tax_id(lines: Sequence[TaxedLine], tax_id: str) -> Iterator[TaxGap]:
    if tax_id:
        return
    for taxed in lines:
        if taxed.vat_category is VatCategory.REVERSE_CHARGE:
            message = f"{taxed.code} shifts the tax to the customer, and the catalogue has no tax_id of it"
            yield TaxGap(code=TaxGapCode.TAX_ATTRIBUTE_MISSING, line=taxed.line, message=message)


def _unanswered(lines: Sequence[InvoiceLine], quoted: Sequence[TaxedLine]) -> Iterator[Issue]:
    """Name what the engine has neither taxed nor said anything about: it must not go out untaxed."""
    answered = {one.line for one in quoted}
    for number, line in enumerate(lines, start=1):
        if number not in answered:
            yield _issue(TAX_REFUSED, "the tax engine says nothing of it", line.line_id)


def _issue_of(gap: TaxGap, lines: Sequence[InvoiceLine]) -> Issue:
    path = "" if gap.line is None else lines[gap.line - 1].line_id
    return _issue(gap.code, gap.message, path)


def _issue(code: str, message: str, path: str = "") -> Issue:
    return Issue(severity=Severity.CRITICAL, code=code, message=message, path=path)
