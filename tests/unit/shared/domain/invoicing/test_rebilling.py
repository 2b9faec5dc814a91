"""A period whose invoice was voided, billed anew: what later invoices have billed of it stands."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from shared.domain.identifiers import InvoiceId, ProductId
from shared.domain.invoicing.adjustments import OwnLines
from shared.domain.invoicing.billed_document import BilledDocument
from shared.domain.invoicing.credit_note import CreditNoteState, CreditPurpose, LineAmount, LinesCredit
from shared.domain.invoicing.credit_note_issue import drafted
from shared.domain.invoicing.invoice import AdjustedPeriod, Adjustment, Invoice, InvoiceLine
from shared.domain.invoicing.kept_back import KeptBack, as_issue
from shared.domain.invoicing.rebilling import Rebilled, rebilled
from shared.domain.invoicing.standing import Standing
from tests.builders.billing import NOTHING_READ, a_draft, calls, euros
from tests.builders.credit_notes import a_request, an_issued_invoice
from tests.builders.tax import taxed

OCTOBER = InvoiceId("c-acme/2026-10")
FEE, CALLS = taxed(a_draft(calls(150))).lines  # 99.00, and 150 calls for 12.50
FINAL = OwnLines(taking=(FEE, CALLS), without=(FEE,), together=True)


def adjusting(line: InvoiceLine, quantity: str, amount: str) -> InvoiceLine:
    """Return a line of November's invoice that adjusts October."""
    of_october = Adjustment(invoice_id=OCTOBER, invoice_number=None, quantity=Decimal(0), amount=euros("0.00"))
    return replace(
        line,
        line_id=f"{line.name}@2026-10",
        quantity=Decimal(quantity),
        amount=euros(amount),
        precise_amount=Decimal(amount),
        adjusts=of_october,
        description=f"{line.description} (2026-10, adjusts DE-000001)",
    )


def november(*lines: InvoiceLine, kept_back: bool = False) -> BilledDocument:
    issue = as_issue(KeptBack(OCTOBER, "the credit is too great"))
    invoice: Invoice = replace(
        an_issued_invoice(FEE, *lines, number="DE-000002"),
        invoice_id=InvoiceId("c-acme/2026-11"),
        issues=(issue,) if kept_back else (),
    )
    return BilledDocument(invoice=invoice, standing=Standing(invoice_id=invoice.invoice_id, revision=1, adjusted=2))


def anew(*later: BilledDocument, own: OwnLines = FINAL, voided: Sequence[BilledDocument] = ()) -> Rebilled:
    return rebilled(OCTOBER, own, later, voided=voided, manifest=NOTHING_READ)


def test_what_no_later_invoice_has_adjusted_is_billed_as_for_the_first_time() -> None:
    assert anew() == Rebilled(FINAL, None)
    assert anew(november()) == Rebilled(FINAL, None)


def test_what_later_invoices_have_billed_of_a_line_is_not_billed_again() -> None:
    found = anew(november(adjusting(CALLS, "100", "10.00")), own=replace(FINAL, most=980))

    rest = replace(
        CALLS,
        quantity=Decimal(50),
        amount=euros("2.50"),
        adjusts=Adjustment(invoice_id=OCTOBER, invoice_number=None, quantity=Decimal(100), amount=euros("10.00")),
    )
    assert found.own.taking == (FEE, rest)
    assert (found.own.together, found.own.most) == (True, 980)
    assert found.adjusted == AdjustedPeriod(
        invoice_id=OCTOBER,
        manifest=NOTHING_READ,
        was_kept_back=False,
        documents=(Standing(invoice_id=InvoiceId("c-acme/2026-11"), revision=1, adjusted=2),),
    )


def test_a_line_of_which_nothing_is_left_to_bill_is_none() -> None:
    assert anew(november(adjusting(CALLS, "150", "12.50"))).own.taking == (FEE,)


def test_what_is_not_due_any_more_is_given_back_as_it_was_billed() -> None:
    other = replace(CALLS, product_id=ProductId("storage"), tax_category="reduced")

    (fee, less) = anew(november(adjusting(other, "200", "20.00"))).own.taking
    (_, gone) = anew(november(adjusting(other, "200", "20.00")), own=replace(FINAL, taking=(FEE,))).own.taking

    assert fee == FEE
    assert (less.quantity, less.amount) == (Decimal(-50), euros("-7.50"))
    assert (less.product_id, less.tax_category) == ("storage", "reduced")
    assert (gone.quantity, gone.amount, gone.line_id) == (Decimal(-200), euros("-20.00"), CALLS.name)
    assert gone.description == CALLS.description


def test_what_is_billed_beyond_it_is_booked_as_it_is_now() -> None:
    other = replace(CALLS, product_id=ProductId("storage"))

    (_, more) = anew(november(adjusting(other, "100", "10.00"))).own.taking

    assert more.product_id == CALLS.product_id


def test_a_period_that_was_kept_back_is_so_no_more() -> None:
    found = anew(november(kept_back=True))

    assert found.own == FINAL
    assert found.adjusted is not None
    assert (found.adjusted.was_kept_back, found.adjusted.documents, found.adjusted.credited) == (True, (), ())


def test_what_a_later_invoice_has_told_ends_also_where_that_is_voided() -> None:
    found = anew(voided=[november(kept_back=True)])

    assert found.own == FINAL
    assert found.adjusted is not None
    assert found.adjusted.was_kept_back


def test_corrections_of_what_later_invoices_have_billed_are_counted() -> None:
    later = november(adjusting(CALLS, "100", "10.00"))
    four_off = LinesCredit((LineAmount(f"{CALLS.name}@2026-10", euros("4.00")),))
    request = replace(a_request(later.invoice, request_id="sla-9"), credit=four_off, purpose=CreditPurpose.CORRECTION)
    note = replace(drafted(request, later.invoice, []), state=CreditNoteState.ISSUED)

    found = anew(replace(later, credit_notes=(note,)))

    assert found.own.taking[1].amount == euros("6.50")
    assert found.adjusted is not None
    assert found.adjusted.credited == (note.credit_note_id,)
