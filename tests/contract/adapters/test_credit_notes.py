"""Credit notes in memory and in DynamoDB: one set of fences, one transaction for number, credit and posting."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.billing_accounts import DynamoBillingProgresses
from shared.adapters.dynamodb.credit_notes import DynamoCreditNotes
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.domain.identifiers import InvoiceId, PostingId
from shared.domain.invoicing.billed_document import BilledDocument
from shared.domain.invoicing.billing_progress import BillingProgress, no_progress
from shared.domain.invoicing.credit_note import CreditNoteState
from shared.domain.invoicing.credit_note_issue import drafted, numbered
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.invoicing.numbering import InvoiceSeries, advanced
from shared.domain.invoicing.standing import Standing
from shared.domain.invoicing.voiding import voided, voiding
from shared.domain.posting.compose_credit_memo import compose_credit_memo
from shared.domain.posting.intent import PostingIntent, new_intent
from shared.domain.posting.outcome import ErpRef
from shared.ports.billing_progress import BillingProgresses
from shared.ports.credit_notes import CreditNoteChangedError, CreditNotes, StoredCreditNote
from shared.ports.invoices import CreditedMeanwhileError, Invoices, SeriesMovedError, StoredInvoice
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.billing import ACME, TENANT, nimbus
from tests.builders.credit_notes import NOON, a_line, a_request, an_issued_invoice, of_lines
from tests.fakes.in_memory_credit_notes import InMemoryCreditNotes

INVOICE = an_issued_invoice(a_line("fee", "99.00"), a_line("calls", "12.34", tax="2.47", code="EN"))
STANDING = Standing(invoice_id=INVOICE.invoice_id, revision=INVOICE.revision)
FRESH = InvoiceSeries(legal_entity_id=nimbus().legal_entity_id, prefix="DE-CN-")
ONE = advanced(FRESH, today=date(2026, 11, 20))
TWO = advanced(ONE, today=date(2026, 11, 20))


@pytest.fixture(params=["memory", "dynamodb"])
def notes(request: pytest.FixtureRequest) -> Iterator[CreditNotes]:
    if request.param == "memory":
        yield InMemoryCreditNotes()
        return
    with mock_aws():
        table, postings = create_table("invoices"), create_table("postings")
        yield DynamoCreditNotes(aws.dynamodb(), table, TENANT, postings_table=postings)


def waiting(request_id: str = "sla-7", fee: str = "10.00") -> StoredCreditNote:
    request = a_request(INVOICE, of_lines(fee=fee), request_id=request_id)
    return StoredCreditNote(note=drafted(request, INVOICE, []), version=1)


def with_number(stored: StoredCreditNote, series: InvoiceSeries = ONE) -> tuple[StoredCreditNote, PostingIntent]:
    note = numbered(stored.note, series)
    document = compose_credit_memo(note, invoice_in_erp=ErpRef("inv-1"), customer=ACME, entity=nimbus())
    return StoredCreditNote(note=note, version=1), new_intent(document, created_at=NOON)


def intent_of(notes: CreditNotes, stored: StoredCreditNote) -> PostingIntent | None:
    name = PostingId(stored.note.credit_note_id)
    if isinstance(notes, InMemoryCreditNotes):
        return notes.intents.read(name)
    return DynamoPostingIntents(aws.dynamodb(), "postings", TENANT).read(name)


def progresses_beside(notes: CreditNotes) -> BillingProgresses:
    if isinstance(notes, InMemoryCreditNotes):
        return notes.invoices.progresses
    return DynamoBillingProgresses(aws.dynamodb(), "invoices", TENANT)


def invoices_beside(notes: CreditNotes) -> Invoices:
    if isinstance(notes, InMemoryCreditNotes):
        return notes.invoices
    return DynamoInvoices(aws.dynamodb(), "invoices", TENANT, postings_table="postings")


def test_what_is_saved_comes_back(notes: CreditNotes) -> None:
    stored = waiting()

    notes.save(stored)

    assert notes.read(INVOICE.invoice_id, 1, "sla-7") == stored
    assert notes.of_invoice(INVOICE.invoice_id, 1) == (stored.note,)
    assert list(notes.every()) == [stored.note]
    assert notes.read(INVOICE.invoice_id, 1, "sla-8") is None
    assert notes.of_invoice(INVOICE.invoice_id, 2) == ()


def test_a_credit_note_that_somebody_else_has_changed_is_not_overwritten(notes: CreditNotes) -> None:
    notes.save(waiting())

    notes.save(waiting())  # the same write, tried again by the client
    with pytest.raises(CreditNoteChangedError):
        notes.save(waiting(fee="20.00"))


def test_number_credit_and_posting_are_written_at_once(notes: CreditNotes) -> None:
    issued, intent = with_number(waiting())

    notes.issue(issued, rests_on=(STANDING,), series=ONE, intent=intent)

    read = notes.read(INVOICE.invoice_id, 1, "sla-7")
    assert read == issued
    assert read.note.state is CreditNoteState.ISSUED
    assert read.note.number == "DE-CN-000001"
    assert notes.series(ONE.legal_entity_id, "DE-CN-") == ONE
    assert intent_of(notes, issued) == intent


def test_issuing_again_after_a_lost_reply_changes_nothing(notes: CreditNotes) -> None:
    issued, intent = with_number(waiting())
    notes.issue(issued, rests_on=(STANDING,), series=ONE, intent=intent)

    notes.issue(issued, rests_on=(STANDING,), series=ONE, intent=intent)

    assert notes.series(ONE.legal_entity_id, "DE-CN-") == ONE


def test_two_credits_of_one_invoice_cannot_both_be_the_next(notes: CreditNotes) -> None:
    first, intent = with_number(waiting())
    notes.issue(first, rests_on=(STANDING,), series=ONE, intent=intent)
    second, other_intent = with_number(waiting("sla-8"), TWO)

    with pytest.raises(CreditedMeanwhileError):
        notes.issue(second, rests_on=(STANDING,), series=TWO, intent=other_intent)

    assert notes.read(INVOICE.invoice_id, 1, "sla-8") is None
    assert intent_of(notes, second) is None
    notes.issue(second, rests_on=(replace(STANDING, credited=1),), series=TWO, intent=other_intent)
    assert [note.number for note in notes.of_invoice(INVOICE.invoice_id, 1)] == ["DE-CN-000001", "DE-CN-000002"]


def test_a_credit_that_rests_on_another_invoice_needs_that_one_as_it_stood(notes: CreditNotes) -> None:
    first, intent = with_number(waiting())
    notes.issue(first, rests_on=(STANDING,), series=ONE, intent=intent)
    other = Standing(invoice_id=InvoiceId("c-acme/2026-11"), revision=1)
    second, other_intent = with_number(waiting("sla-8"), TWO)
    stands = notes.standing(INVOICE.invoice_id, 1)

    with pytest.raises(CreditedMeanwhileError):
        notes.issue(second, rests_on=(stands, replace(other, adjusted=1)), series=TWO, intent=other_intent)
    notes.issue(second, rests_on=(stands, other), series=TWO, intent=other_intent)

    assert notes.standing(INVOICE.invoice_id, 1) == replace(STANDING, credited=2)
    assert notes.standing(other.invoice_id, 1) == other


def test_an_invoice_is_read_with_its_credit_notes_that_are_issued(notes: CreditNotes) -> None:
    invoices = invoices_beside(notes)
    invoices.save(StoredInvoice(invoice=INVOICE, version=1))
    assert invoices.documents([INVOICE.invoice_id]) == {
        INVOICE.invoice_id: BilledDocument(invoice=INVOICE, standing=STANDING)
    }
    notes.save(waiting())
    issued, intent = with_number(waiting("sla-8"))
    notes.issue(issued, rests_on=(STANDING,), series=ONE, intent=intent)

    read = invoices.documents([INVOICE.invoice_id, InvoiceId("c-acme/2026-11")])

    stands = replace(STANDING, credited=1)
    assert read == {INVOICE.invoice_id: BilledDocument(invoice=INVOICE, standing=stands, credit_notes=(issued.note,))}


def test_a_number_is_given_once(notes: CreditNotes) -> None:
    first, intent = with_number(waiting())
    notes.issue(first, rests_on=(STANDING,), series=ONE, intent=intent)
    second, other_intent = with_number(waiting("sla-8"))

    with pytest.raises(SeriesMovedError):
        notes.issue(second, rests_on=(replace(STANDING, credited=1),), series=ONE, intent=other_intent)


def test_what_was_changed_since_is_not_issued(notes: CreditNotes) -> None:
    notes.save(waiting())
    issued, intent = with_number(waiting())

    with pytest.raises(CreditNoteChangedError):
        notes.issue(issued, rests_on=(STANDING,), series=ONE, intent=intent)

    notes.issue(replace(issued, version=2), rests_on=(STANDING,), series=ONE, intent=intent)


def test_a_credit_note_is_no_invoice() -> None:
    with mock_aws():
        table, postings = create_table("invoices"), create_table("postings")
        DynamoCreditNotes(aws.dynamodb(), table, TENANT, postings_table=postings).save(waiting())

        assert list(DynamoInvoices(aws.dynamodb(), table, TENANT, postings_table=postings).every()) == []


def test_what_a_credit_note_voids_is_written_with_it(notes: CreditNotes) -> None:
    invoices = invoices_beside(notes)
    invoices.save(StoredInvoice(invoice=INVOICE, version=1))
    issued, intent = with_number(waiting())
    voids = StoredInvoice(invoice=voiding(INVOICE, voids_before=0, by=issued.note.credit_note_id), version=2)

    for _ in range(2):  # the reply to the first may have been lost
        notes.issue(issued, rests_on=(STANDING,), series=ONE, intent=intent, voids=voids)

    assert invoices.read(INVOICE.invoice_id, 1) == voids
    assert invoices.voids(INVOICE.contract_id) == 1
    assert invoices.newest([INVOICE.invoice_id])[INVOICE.invoice_id].state is InvoiceState.VOIDING


def test_what_a_bill_run_has_looked_at_before_a_void_stands_no_more_if_it_stores_it_after(notes: CreditNotes) -> None:
    invoices, progresses = invoices_beside(notes), progresses_beside(notes)
    invoices.save(StoredInvoice(invoice=INVOICE, version=1))
    issued, intent = with_number(waiting())
    by = issued.note.credit_note_id
    voids = StoredInvoice(invoice=voiding(INVOICE, voids_before=0, by=by), version=2)

    notes.issue(issued, rests_on=(STANDING,), series=ONE, intent=intent, voids=voids)
    progresses.save_many([BillingProgress(contract_id=INVOICE.contract_id, periods=1, calendar="october")])

    anew = no_progress(INVOICE.contract_id, reopened_by=by)
    assert progresses.read_many([INVOICE.contract_id]) == {INVOICE.contract_id: anew}


@pytest.mark.parametrize(("version", "voids_before"), [(3, 0), (2, 1)])
def test_nothing_is_written_if_the_invoice_or_the_count_of_voids_has_moved(
    notes: CreditNotes, version: int, voids_before: int
) -> None:
    invoices = invoices_beside(notes)
    invoices.save(StoredInvoice(invoice=INVOICE, version=1))
    issued, intent = with_number(waiting())
    invoice = voiding(INVOICE, voids_before=voids_before, by=issued.note.credit_note_id)

    with pytest.raises(CreditedMeanwhileError):
        notes.issue(
            issued,
            rests_on=(STANDING,),
            series=ONE,
            intent=intent,
            voids=StoredInvoice(invoice=invoice, version=version),
        )

    assert notes.read(INVOICE.invoice_id, 1, "sla-7") is None
    assert invoices.read(INVOICE.invoice_id, 1) == StoredInvoice(invoice=INVOICE, version=1)
    assert invoices.voids(INVOICE.contract_id) == 0


def test_a_document_knows_the_voided_revisions_before_it(notes: CreditNotes) -> None:
    invoices = invoices_beside(notes)
    reversal = voiding(INVOICE, voids_before=0, by=with_number(waiting())[0].note.credit_note_id)
    invoices.save(StoredInvoice(invoice=voided(reversal), version=1))
    invoices.save(StoredInvoice(invoice=replace(INVOICE, revision=2), version=1))

    document = invoices.documents([INVOICE.invoice_id])[INVOICE.invoice_id]

    assert document.invoice.revision == 2
    assert [one.invoice.revision for one in document.reversed] == [1]
