"""Compose the document of an invoice or credit note once, and render it: in all formats it is to have, or in none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.invoice_document.compose import DocumentSources, compose_document
from shared.domain.invoice_document.compose_credit import compose_credit_document
from shared.domain.invoice_document.document import DocumentId, InvoiceDocument
from shared.domain.invoice_document.e_invoice_faults import e_invoice_faults
from shared.domain.invoicing.buyer import buyer_of, concerned, contract_of, member_contracts
from shared.domain.invoicing.invoice import Invoice
from shared.ports.clock import Clock
from shared.ports.credit_notes import CreditNotes
from shared.ports.document_printer import DocumentPrinter, UnprintableDocumentError
from shared.ports.exceptions import ExceptionReporter
from shared.ports.invoice_documents import DocumentFormat, InvoiceDocuments
from shared.ports.invoices import Invoices
from shared.ports.master_data import MasterData

MAX_MESSAGE_LENGTH = 1_000


class InvoiceNotFoundError(LookupError):
    """There is no such invoice or credit note, or the published master data does not know one of its parties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRenderer:
    """What is kept of a document wins over what master data says today: rendering again gives the same bytes."""

    invoices: Invoices
    notes: CreditNotes
    master_data: MasterData
    documents: InvoiceDocuments
    printer: DocumentPrinter
    write_e_invoice: Callable[[InvoiceDocument], bytes]
    exceptions: ExceptionReporter
    clock: Clock

    def render(self, of: DocumentId) -> tuple[DocumentFormat, ...]:
        """Return the formats that are stored now; none where an exception says what is missing.

        Raises NotIssuedError for an invoice or credit note that is not issued.
        """
        document = self.documents.kept(of) or self._composed_anew(of)
        try:
            files = self._files(document)
        except UnprintableDocumentError as unprintable:
            self.documents.postpone(of)
            self.exceptions.report([self._not_rendered(document, str(unprintable))])
            return ()
        kept = self.documents.keep(document)
        if kept != document:  # somebody else was first, with other master data
            document, files = kept, self._files(kept)
        for file_format, content in files.items():
            self.documents.add(document, file_format, content)
        if self.documents.was_postponed(of):
            exception = exception_id(ExceptionCode.INVOICE_NOT_RENDERED, str(of))
            self.exceptions.resolve(exception, f"rendered as {', '.join(files)}", self.clock.now())
        return tuple(files)

    def _files(self, document: InvoiceDocument) -> Mapping[DocumentFormat, bytes]:
        """Return every format; raise UnprintableDocumentError when the document cannot be had in one of them."""
        if not document.e_invoice:
            return {DocumentFormat.PDF: self.printer.print(document)}
        if faults := e_invoice_faults(document):
            raise UnprintableDocumentError("; ".join(faults))
        return {
            DocumentFormat.PDF: self.printer.print(document),
            DocumentFormat.UBL: self.write_e_invoice(document),
        }

    def _composed_anew(self, of: DocumentId) -> InvoiceDocument:
        stored = self.invoices.read(of.invoice_id, of.revision)
        if stored is None:
            raise InvoiceNotFoundError(of.invoice_id)
        if not of.request_id:
            return self._composed(stored.invoice)
        credit = self.notes.read(of.invoice_id, of.revision, of.request_id)
        if credit is None:
            raise InvoiceNotFoundError(str(of))
        said = self.documents.kept(DocumentId(of.invoice_id, of.revision)) or self._composed(stored.invoice)
        return compose_credit_document(credit.note, stored.invoice, said)

    def _composed(self, invoice: Invoice) -> InvoiceDocument:
        self.master_data.version()
        entity = self.master_data.legal_entity(invoice.legal_entity_id)
        accounts = self.master_data.accounts(concerned(invoice))
        contract, buyer = contract_of(invoice, accounts), buyer_of(invoice, accounts)
        members = member_contracts(invoice, accounts)
        if entity is None or buyer is None or contract is None:
            raise InvoiceNotFoundError(f"the parties of {invoice.invoice_id}")
        return compose_document(
            invoice,
            DocumentSources(
                contract=contract,
                members=members,
                buyer=buyer,
                entity=entity,
                plans=self.master_data.plans({one.plan_id for of in (contract, *members) for one in of.subscriptions}),
                meters=self.master_data.meters(),
            ),
        )

    def _not_rendered(self, document: InvoiceDocument, why: str) -> ExceptionRecord:
        return ExceptionRecord(
            exception_id=exception_id(ExceptionCode.INVOICE_NOT_RENDERED, str(document.document_id)),
            tenant=document.tenant,
            code=ExceptionCode.INVOICE_NOT_RENDERED,
            subject=str(document.document_id),
            message=why[:MAX_MESSAGE_LENGTH],
            raised_at=self.clock.now(),
            detail={
                "number": document.number,
                "revision": str(document.revision),
                "customer": document.customer_id,
                "legal_entity": document.legal_entity_id,
            },
        )
