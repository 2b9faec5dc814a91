"""Issued invoices to be credited, of any lines, rates and currency; and credits as tests speak of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby

from shared.domain.identifiers import InvoiceNumber, ProductId
from shared.domain.invoicing.credit_note import Credited, CreditRequest, LineAmount, LinesCredit, WholeCredit
from shared.domain.invoicing.crediting import credited
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceState, InvoiceTax
from shared.domain.invoicing.totals import totals
from shared.domain.money import Currency, Money, currency, total
from tests.builders.billing import OCTOBER, a_draft

EUR = currency("EUR")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def a_line(
    line_id: str, amount: str, *, rate: str = "0.20", code: str = "", of: Currency = EUR, tax: str | None = None
) -> InvoiceLine:
    """Return a taxed line; `tax` is what an engine has rounded for it."""
    money = Money(Decimal(amount), of).rounded()
    return InvoiceLine(
        line_id=line_id,
        subscription_id=None,
        charge_id=None,
        product_id=ProductId("api"),
        description=line_id,
        meter=None,
        quantity=Decimal(1),
        price="flat",
        parts=(),
        precise_amount=money.amount,
        amount=money,
        service_period=OCTOBER.period,
        tax_category="standard",
        tax_code=code or f"VAT-{Decimal(rate) * 100:.0f}",
        tax_rate=Decimal(rate),
        tax=Money(Decimal(tax), of) if tax is not None else None,
    )


def an_issued_invoice(*lines: InvoiceLine, number: str = "DE-000001") -> Invoice:
    """Return an invoice of these lines, each rate taxed once, or as the sum of what an engine has rounded."""
    of = lines[0].amount.currency
    taxes = tuple(_taxes(lines, of))
    sums = totals(lines, taxes, of)
    return replace(
        a_draft(),
        state=InvoiceState.POSTED,
        number=InvoiceNumber(number),
        invoice_date=date(2026, 11, 3),
        due_date=date(2026, 12, 3),
        lines=tuple(lines),
        taxes=taxes,
        net=sums.net,
        tax=sums.tax,
        gross=sums.gross,
    )


def of_lines(of: Currency = EUR, **amounts: str) -> LinesCredit:
    return LinesCredit(tuple(LineAmount(line, Money(Decimal(amount), of)) for line, amount in amounts.items()))


def a_request(
    invoice: Invoice, credit: WholeCredit | LinesCredit | None = None, *, request_id: str = "sla-7"
) -> CreditRequest:
    return CreditRequest(
        request_id=request_id,
        invoice_id=invoice.invoice_id,
        revision=invoice.revision,
        credit=credit or WholeCredit(),
        reason="the API was down for a day",
        requested_by="dora@nimbus.example",
        requested_at=NOON,
    )


def credited_one_by_one(invoice: Invoice, credits_: Sequence[LinesCredit | WholeCredit]) -> list[Credited]:
    notes: list[Credited] = []
    for credit in credits_:
        notes.append(credited(invoice, notes, credit))
    return notes


def _taxes(lines: Sequence[InvoiceLine], of: Currency) -> list[InvoiceTax]:
    ordered = sorted(lines, key=lambda line: (line.tax_code, line.tax_rate))
    taxes = []
    for (code, rate), group in groupby(ordered, key=lambda line: (line.tax_code, line.tax_rate)):
        members = list(group)
        base = total((line.amount for line in members), of)
        by_line = [line.tax for line in members if line.tax is not None]
        assert rate is not None
        amount = total(by_line, of) if by_line else (base * rate).rounded()
        taxes.append(InvoiceTax(code=code, rate=rate, base=base, amount=amount))
    return taxes
