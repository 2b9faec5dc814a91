"""Invoices and credit notes: from our document to a draft, and back from what became of it."""

from dataclasses import replace
from functools import partial
from typing import assert_never

from shared.adapters.erp.dynamics_finance.customers import ensure_customer
from shared.adapters.erp.dynamics_finance.data_service import DataService
from shared.adapters.erp.dynamics_finance.drafts import DraftReading, Drafts, Wanted, differing
from shared.adapters.erp.dynamics_finance.free_text_invoices import FreeTextInvoices, is_credit
from shared.adapters.erp.dynamics_finance.periods import FiscalPeriods
from shared.adapters.erp.dynamics_finance.readings import located, signed
from shared.adapters.erp.dynamics_finance.settings import Settings
from shared.domain.identifiers import ExternalRef
from shared.domain.posting.comparison import differences
from shared.domain.posting.credited_invoice import not_creditable
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.limits import unfit
from shared.domain.posting.outcome import (
    ErpRef,
    Location,
    LookupFailed,
    PostedDocument,
    Rejected,
    RejectionCode,
    Submission,
    Throttled,
    Ticket,
)
from shared.domain.posting.readings import CustomerReady
from shared.domain.posting.systems.dynamics_finance import DYNAMICS_FINANCE

PREFIX = "invoice/"


class InvoicePosting:
    def __init__(self, data: DataService, settings: Settings, periods: FiscalPeriods) -> None:
        self._data = data
        self._settings = settings
        self._periods = periods
        self._invoices = FreeTextInvoices(settings)
        self._drafts = Drafts(data, self._invoices)

    def submit(self, document: PostingDocument) -> Submission:
        refusal = unfit(document, self._settings.mapping, DYNAMICS_FINANCE)
        if refusal is not None:
            return refusal
        customer = ensure_customer(self._data, document.party, document.gross.currency, self._settings)
        if not isinstance(customer, CustomerReady):
            return customer
        corrects = self._corrected(document)
        if not isinstance(corrects, str):
            return corrects
        return self._drafts.begin(self._invoices.header_fields(document, corrects=corrects), self._wanted(document))

    def advance(self, ref: ErpRef, document: PostingDocument) -> Submission:
        return self._drafts.advance(ref, self._wanted(document))

    def poll(self, ticket: Ticket, document: PostingDocument) -> Submission:
        return self._drafts.polled(ErpRef(ticket.value.removeprefix(PREFIX)), self._wanted(document))

    def discard(self, ref: ErpRef) -> None:
        self._drafts.discard(ref)

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        refs = self._invoices.find(self._data, external_ref)
        # Both kinds are free text invoices: what has lines is told by their sign, what has none may be either.
        return located(refs, self._drafts, lambda found: self._is_of(kind, found), partial(_unsigned, kind))

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        draft = self._drafts.read(ref)
        if draft is None:
            return LookupFailed(f"there is no invoice {ref.value}")
        return _unsigned(kind, draft.document) if isinstance(draft, DraftReading) else draft

    def _is_of(self, kind: DocumentKind, found: DraftReading) -> bool:
        return not found.has_lines or is_credit(found.document) is (kind is DocumentKind.CREDIT_MEMO)

    def _wanted(self, document: PostingDocument) -> Wanted:
        return Wanted(
            lines=lambda ref: self._invoices.line_fields(document, ref),
            wrong=lambda found: self._wrong(document, found),
            ticket=lambda ref: Ticket(PREFIX + ref.value),
        )

    def _wrong(self, document: PostingDocument, found: PostedDocument) -> Rejected | None:
        # What is noted where our number goes deletes no draft: it is told of once that is posted.
        as_ours = replace(_unsigned(document.kind, found), human_number=None)
        differs = differing(differences(document, as_ours))
        return differs or self._periods.refusal(document.posting_date, document.kind)

    def _corrected(self, document: PostingDocument) -> str | Rejected | Throttled:
        """Return the number of the invoice that a credit note is settled against, "" where it is to name none."""
        if document.corrects is None:
            return ""
        credited = document.corrects.human_number
        draft = self._drafts.read(ErpRef(document.corrects.erp_ref))
        match draft:
            case None:
                text = f"the credited {credited} is not there as {document.corrects.erp_ref}"
                return Rejected.of(RejectionCode.INVOICE_MISSING, text)
            case LookupFailed():
                return Throttled()
            case DraftReading(document=invoice):
                number = invoice.number if self._settings.credits_name_invoice and invoice.posted else ""
                return not_creditable(invoice, document) or number
            case _ as never:
                assert_never(never)


def _unsigned(kind: DocumentKind, found: PostedDocument) -> PostedDocument:
    """Return a reading in our words: what a credit note credits is positive."""
    return signed(found, -1) if kind is DocumentKind.CREDIT_MEMO else found
