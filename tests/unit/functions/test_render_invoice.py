"""Rendering: all formats or none, the same however often it is asked for, and never against what was kept."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from functions.render_invoice.use_case import InvoiceNotFoundError, InvoiceRenderer
from shared.domain.exception_record import ExceptionCode, exception_id
from shared.domain.identifiers import CreditNoteNumber, InvoiceId
from shared.domain.invoice_document.document import DocumentId, InvoiceDocument
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.compose import NotIssuedError
from shared.ports.credit_notes import StoredCreditNote
from shared.ports.document_printer import UnprintableDocumentError
from shared.ports.invoice_documents import DocumentFormat
from shared.ports.invoices import StoredInvoice
from tests.builders.billing import SECOND_OF_NOVEMBER, catalog, published
from tests.builders.credit_documents import issued_credit
from tests.builders.invoice_documents import ACME_AG, NIMBUS, NIMBUS_DETAILS, issued_invoice, usual_lines
from tests.fakes.in_memory_credit_notes import InMemoryCreditNotes
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_invoice_documents import InMemoryInvoiceDocuments
from tests.fakes.in_memory_invoices import InMemoryInvoices
from tests.fakes.steady_clock import SteadyClock

INVOICE = issued_invoice(*usual_lines())
CREDIT = DocumentId(INVOICE.invoice_id, 1, "sla-7")
NOT_RENDERED = exception_id(ExceptionCode.INVOICE_NOT_RENDERED, INVOICE.invoice_id)
BOTH = (DocumentFormat.PDF, DocumentFormat.UBL)


class PlainPrinter:
    """Prints the purchase order and no more; refuses a document whose buyer has a name in another script."""

    def print(self, document: InvoiceDocument) -> bytes:
        if not document.buyer.name.isascii():
            raise UnprintableDocumentError(f"no font has the letters of {document.buyer.name}")
        return f"PDF {document.number} for {document.purchase_order}".encode()


@dataclass
class World:
    invoice: Invoice = INVOICE
    entity: LegalEntity = NIMBUS
    credit: CreditNote | None = None
    buyer_name: str = ACME_AG.name
    purchase_order: str = "PO-88"
    documents: InMemoryInvoiceDocuments = field(default_factory=InMemoryInvoiceDocuments)
    exceptions: InMemoryExceptionReporter = field(default_factory=InMemoryExceptionReporter)

    def render(self, of: DocumentId | None = None) -> tuple[DocumentFormat, ...]:
        invoices = InMemoryInvoices()
        invoices.save(StoredInvoice(invoice=self.invoice, version=1))
        notes = InMemoryCreditNotes(invoices)
        if self.credit is not None:
            notes.save(StoredCreditNote(note=self.credit, version=1))
        source = catalog(entity=self.entity)
        (agreed,) = source.contracts
        source = replace(
            source,
            customers=(replace(ACME_AG, name=self.buyer_name),),
            contracts=(replace(agreed, purchase_order=self.purchase_order),),
        )
        return InvoiceRenderer(
            invoices=invoices,
            notes=notes,
            master_data=published(source),
            documents=self.documents,
            printer=PlainPrinter(),
            write_e_invoice=lambda document: f"<{document.number}>{document.purchase_order}</>".encode(),
            exceptions=self.exceptions,
            clock=SteadyClock(SECOND_OF_NOVEMBER),
        ).render(of or DocumentId(self.invoice.invoice_id, 1))

    @property
    def contents(self) -> list[bytes]:
        return list(self.documents.files.values())


def test_an_issued_invoice_gets_its_pdf_and_its_e_invoice() -> None:
    world = World()

    assert world.render() == BOTH
    assert world.contents == [b"PDF DE-000042 for PO-88", b"<DE-000042>PO-88</>"]
    assert world.exceptions.resolved == {}


def test_a_seller_without_e_invoices_sends_a_pdf_alone_and_needs_no_details_for_it() -> None:
    world = World(entity=replace(NIMBUS, details=replace(NIMBUS_DETAILS, e_invoices=False, address=None, vat_id="")))

    assert world.render() == (DocumentFormat.PDF,)
    assert world.exceptions.open == {}


def test_what_an_e_invoice_lacks_is_an_exception_and_nothing_goes_out() -> None:
    world = World(entity=replace(NIMBUS, details=replace(NIMBUS_DETAILS, vat_id="", address=None)))

    assert world.render() == ()
    assert world.contents == []
    assert world.documents.kept(DocumentId(INVOICE.invoice_id, 1)) is None
    (record,) = world.exceptions.open.values()
    assert record.code is ExceptionCode.INVOICE_NOT_RENDERED
    assert record.message == (
        "legal_entities nimbus-de details.address is missing (BG-5); "
        "legal_entities nimbus-de details.vat_id is missing (BT-31)"
    )
    assert record.detail["number"] == "DE-000042"


def test_what_cannot_be_printed_is_an_exception_and_no_e_invoice_goes_out_alone() -> None:
    world = World(buyer_name="株式会社さくら")

    assert world.render() == ()
    assert world.contents == []
    assert "no font" in world.exceptions.open[NOT_RENDERED].message


def test_rendering_after_the_catalogue_was_mended_closes_the_exception() -> None:
    world = World(entity=replace(NIMBUS, details=replace(NIMBUS_DETAILS, vat_id="")))
    world.render()

    world.entity = NIMBUS

    assert world.render() == BOTH
    assert world.exceptions.open == {}
    assert world.exceptions.resolved == {NOT_RENDERED: "rendered as pdf, xml"}


def test_a_document_that_is_there_closes_nothing_about_another_revision() -> None:
    world = World(entity=replace(NIMBUS, details=replace(NIMBUS_DETAILS, vat_id="")))
    world.render()
    world.invoice = replace(INVOICE, revision=2)
    world.render(of := DocumentId(INVOICE.invoice_id, 2))
    assert len(world.exceptions.open) == 2

    world.entity = NIMBUS

    assert world.render(of) == BOTH
    assert list(world.exceptions.open) == [NOT_RENDERED]


def test_rendering_again_changes_nothing_whatever_master_data_says_by_then() -> None:
    world = World()
    world.render()
    before = dict(world.documents.files)

    world.purchase_order = "PO-89"
    world.entity = replace(NIMBUS, details=replace(NIMBUS_DETAILS, vat_id=""))

    assert world.render() == BOTH
    assert world.documents.files == before
    assert world.exceptions.open == {}


def test_one_that_died_half_way_is_finished_as_it_was_begun() -> None:
    world = World()
    world.render()
    del world.documents.files[DocumentId(INVOICE.invoice_id, 1), DocumentFormat.UBL]

    world.purchase_order = "PO-89"
    world.render()

    assert world.contents == [b"PDF DE-000042 for PO-88", b"<DE-000042>PO-88</>"]


class _KeptByAnother(InMemoryInvoiceDocuments):
    """Somebody else keeps a document between the look and the write."""

    def keep(self, document: InvoiceDocument) -> InvoiceDocument:
        super().keep(replace(document, purchase_order="PO-1"))
        return super().keep(document)


def test_of_two_at_once_both_send_what_the_first_has_kept() -> None:
    world = World(documents=_KeptByAnother())

    world.render()

    assert world.contents == [b"PDF DE-000042 for PO-1", b"<DE-000042>PO-1</>"]


@pytest.mark.parametrize(
    "unissued",
    [
        lambda: replace(INVOICE, number=None, invoice_date=None, due_date=None, state=InvoiceState.DRAFT),
        lambda: replace(INVOICE, invoice_date=None),
        lambda: replace(INVOICE, number=None, invoice_date=date(2026, 11, 2)),
    ],
)
def test_what_is_not_issued_has_no_documents(unissued: Callable[[], Invoice]) -> None:
    with pytest.raises(NotIssuedError):
        World(invoice=unissued()).render()


def test_an_invoice_that_nobody_knows_is_told() -> None:
    with pytest.raises(InvoiceNotFoundError):
        World().render(DocumentId(InvoiceId("c-acme/1999-01"), 1))


def test_a_credit_note_is_rendered_beside_its_invoice_with_what_that_says_of_the_parties() -> None:
    world = World(credit=issued_credit(INVOICE))
    world.render()

    world.purchase_order = "PO-89"
    assert world.render(CREDIT) == BOTH
    assert world.contents == [
        b"PDF DE-000042 for PO-88",
        b"<DE-000042>PO-88</>",
        b"PDF DE-CN-000003 for PO-88",
        b"<DE-CN-000003>PO-88</>",
    ]


def test_a_credit_note_comes_out_the_same_again_whatever_is_stored_of_it_by_then() -> None:
    world = World(credit=issued_credit(INVOICE))
    world.render(CREDIT)
    before = dict(world.documents.files)

    world.credit = replace(issued_credit(INVOICE), number=CreditNoteNumber("DE-CN-000004"))
    world.render(CREDIT)

    assert world.documents.files == before


def test_a_credit_note_whose_invoice_has_no_document_yet_waits_for_the_same_fields() -> None:
    world = World(credit=issued_credit(INVOICE), entity=replace(NIMBUS, details=replace(NIMBUS_DETAILS, vat_id="")))

    assert world.render(CREDIT) == ()
    (record,) = world.exceptions.open.values()
    assert record.subject == "c-acme/2026-10/r1/credit/sla-7"
    assert (record.message, record.detail["number"]) == (
        "legal_entities nimbus-de details.vat_id is missing (BT-31)",
        "DE-CN-000003",
    )

    world.entity = NIMBUS
    assert world.render(CREDIT) == BOTH
    assert world.exceptions.open == {}


def test_a_credit_that_waits_for_its_approver_has_no_documents() -> None:
    with pytest.raises(NotIssuedError):
        World(credit=replace(issued_credit(INVOICE), number=None)).render(CREDIT)


def test_a_credit_that_nobody_knows_is_told() -> None:
    with pytest.raises(InvoiceNotFoundError, match="c-acme/2026-10/r1/credit/sla-7"):
        World().render(CREDIT)
