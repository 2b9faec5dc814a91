"""What usage takes back and no invoice can: off which lines of which documents, the newest first."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from shared.domain.identifiers import ChargeId, InvoiceId, SubscriptionId
from shared.domain.invoicing.credited_tax import rate_of
from shared.domain.invoicing.crediting import Left
from shared.domain.invoicing.invoice import AdjustedPeriod, Adjustment, Invoice, InvoiceLine, PeriodAdjustment
from shared.domain.invoicing.left_over import Creditable, DueBack, next_credit, read_for_credits
from shared.domain.metering.reading import UsageManifest
from shared.domain.money import Money
from tests.builders.billing import a_draft, euros
from tests.builders.credit_notes import a_line, an_issued_invoice

OCTOBER, NOVEMBER = InvoiceId("c-acme/2026-10"), InvoiceId("c-acme/2026-11")
CALLS, STORAGE = "s-acme/calls", "s-acme/storage"


def line(charge: str, amount: str, *, of: str = "", rate: str = "0.20", category: str = "standard") -> InvoiceLine:
    """Return a line of a charge; `of` October, where a later invoice adjusts that."""
    adjusts = Adjustment(invoice_id=OCTOBER, invoice_number=None, quantity=Decimal(0), amount=euros("0.00"))
    return replace(
        a_line(f"s-acme/{charge}{of}", amount, rate=rate),
        subscription_id=SubscriptionId("s-acme"),
        charge_id=ChargeId(charge),
        tax_category=category,
        adjusts=adjusts if of else None,
    )


def october(*lines: InvoiceLine) -> Creditable:
    return creditable(an_issued_invoice(*lines))


def november(*lines: InvoiceLine) -> Creditable:
    return creditable(replace(an_issued_invoice(*lines, number="DE-000002"), invoice_id=NOVEMBER))


def creditable(invoice: Invoice, rates: Mapping[str, str] | None = None) -> Creditable:
    """Return an invoice of which all is left, or so much of each tax rate."""
    left = {tax.code: tax.base for tax in invoice.taxes} | {
        code: euros(amount) for code, amount in (rates or {}).items()
    }
    return Creditable(
        invoice,
        Left(
            lines={one.line_id: one.amount for one in invoice.lines},
            rates={rate_of(tax): left[tax.code] for tax in invoice.taxes},
        ),
    )


def due(may_give: tuple[str, ...] = (CALLS, STORAGE), **categories: str) -> DueBack:
    """Return what is due back of October's calls, by tax category."""
    amounts = {category: euros(amount) for category, amount in (categories or {"standard": "12.50"}).items()}
    first: Money = next(iter(amounts.values()))
    return DueBack(
        lines={(OCTOBER, CALLS): first},
        categories=amounts,
        may_give=frozenset((OCTOBER, name) for name in may_give),
    )


def credit(of: DueBack, *documents: Creditable) -> tuple[str, dict[str, str]] | None:
    found = next_credit(of, documents)
    return (
        None
        if found is None
        else (
            found[0].invoice_id,
            {one.line_id: str(one.amount.amount) for one in found[1].amounts},
        )
    )


def test_the_newest_document_with_a_line_of_that_name_is_credited_first() -> None:
    newer, older = november(line("calls", "10.00", of="@2026-10")), october(line("calls", "30.00"))

    assert credit(due(), newer, older) == (NOVEMBER, {"s-acme/calls@2026-10": "10.00"})
    assert credit(due(), older, newer) == (OCTOBER, {"s-acme/calls": "12.50"})


def test_a_line_of_another_name_gives_only_what_none_of_its_own_name_can() -> None:
    newer = november(line("storage", "20.00", of="@2026-10"))

    assert credit(due(), newer, october(line("calls", "12.50"))) == (OCTOBER, {"s-acme/calls": "12.50"})
    assert credit(due(), newer, october(line("calls", "10.00"))) == (NOVEMBER, {"s-acme/storage@2026-10": "2.50"})
    assert credit(due(), october(line("storage", "5.00"), line("calls", "10.00"))) == (
        OCTOBER,
        {"s-acme/storage": "2.50", "s-acme/calls": "10.00"},
    )


def test_a_fee_gives_nothing() -> None:
    assert credit(due((CALLS,)), october(line("storage", "20.00"))) is None


def test_no_more_is_given_than_is_due_in_its_tax_category_nor_than_is_left_of_its_rate() -> None:
    two = october(line("calls", "30.00"), line("storage", "9.00", rate="0.05", category="reduced"))

    assert credit(due(standard="12.50", reduced="0.00"), two) == (OCTOBER, {"s-acme/calls": "12.50"})
    assert credit(due(reduced="4.00"), two) == (OCTOBER, {"s-acme/storage": "4.00"})
    little_left = creditable(two.invoice, {"VAT-20": "3.00"})
    assert credit(due(), little_left) == (OCTOBER, {"s-acme/calls": "3.00"})


def test_a_rate_of_which_nothing_is_left_does_not_keep_the_next_one_from_giving() -> None:
    two = october(line("storage", "9.00", rate="0.05"), line("calls", "30.00"))

    assert credit(due(), creditable(two.invoice, {"VAT-5": "0.00"})) == (OCTOBER, {"s-acme/calls": "12.50"})


def test_lines_of_one_name_give_together_what_is_due() -> None:
    twice = november(line("calls", "10.00", of="@2026-10"), line("calls", "10.00", of="@2026-10/2"))

    assert credit(due(), twice) == (NOVEMBER, {"s-acme/calls@2026-10": "10.00", "s-acme/calls@2026-10/2": "2.50"})


def test_a_discount_is_taken_back_with_what_it_lowered() -> None:
    """12.50 of calls are due back, and 2.50 that were taken off storage by mistake are not."""
    both = DueBack(
        lines={(OCTOBER, CALLS): euros("12.50"), (OCTOBER, STORAGE): euros("-2.50")},
        categories={"standard": euros("10.00")},
        may_give=frozenset({(OCTOBER, CALLS), (OCTOBER, STORAGE)}),
    )

    assert credit(both, october(line("calls", "30.00"), line("storage", "-4.00"))) == (
        OCTOBER,
        {"s-acme/calls": "12.50", "s-acme/storage": "-2.50"},
    )


def test_nothing_due_is_no_credit() -> None:
    assert credit(due(standard="0.00"), october(line("calls", "30.00"))) is None
    assert credit(due()) is None


def test_what_was_read_of_a_period_and_left_over_is_known() -> None:
    read, other = (UsageManifest(sealed=(), late=(), digest=name) for name in ("october", "september"))
    left = tuple(
        PeriodAdjustment(AdjustedPeriod(invoice_id=of, manifest=manifest, was_kept_back=False), ())
        for of, manifest in ((OCTOBER, read), (InvoiceId("c-acme/2026-09"), other))
    )

    assert list(read_for_credits(OCTOBER, [a_draft(), replace(a_draft(), left_over=left)])) == [read]
