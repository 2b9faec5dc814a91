"""Compose the credit memo that an ERP is told from a credit note, its invoice's posting and its parties."""

from decimal import Decimal

from shared.domain.identifiers import PostingId
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.numbering import posting_date
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.master_data.customer import Customer
from shared.domain.posting.compose import NotIssuedError, party_of, posting_line, taxes_of
from shared.domain.posting.document import (
    CorrectedDocument,
    DocumentKind,
    PostingDocument,
    external_ref,
)
from shared.domain.posting.outcome import ErpRef


def compose_credit_memo(
    note: CreditNote, *, invoice_in_erp: ErpRef | None, customer: Customer, entity: LegalEntity
) -> PostingDocument:
    """Return the document of an issued credit note, dated into an open period; raise NotIssuedError for any other.

    That of an invoice which the ERP does not have is never sent: its posting is given up as the invoice's was.
    """
    if note.number is None or note.credit_note_date is None:
        raise NotIssuedError(note.credit_note_id)
    posting = PostingId(note.credit_note_id)
    figures = note.credited
    return PostingDocument(
        tenant=note.tenant,
        posting_id=posting,
        external_ref=external_ref(tenant=note.tenant, posting_id=posting),
        kind=DocumentKind.CREDIT_MEMO,
        legal_entity_id=note.legal_entity_id,
        human_number=note.number,
        document_date=note.credit_note_date,
        posting_date=posting_date(note.credit_note_date, entity),
        due_date=note.credit_note_date,
        party=party_of(customer),
        lines=tuple(
            posting_line(number, line, quantity=Decimal(1), zone=customer.time_zone, erp=entity.erp)
            for number, line in enumerate(figures.lines, start=1)
        ),
        taxes=taxes_of(figures.taxes, figures.net.currency),
        net=figures.net,
        tax=figures.tax,
        gross=figures.gross,
        rate=note.converted.rate if note.converted else None,
        corrects=CorrectedDocument(
            human_number=note.invoice_number, erp_ref=invoice_in_erp.value if invoice_in_erp else ""
        ),
    )
