"""Files for an old ERP as tests speak of them: what Acme GmbH, company DE01, sends of October."""

from dataclasses import replace
from datetime import date

from shared.adapters.erp.legacy_files.documents import staged
from shared.domain.erp_files.delivery_file import DeliveryFile, NextFile, next_file
from shared.domain.erp_files.file_format import FileFormat
from shared.domain.erp_files.staged_document import StagedDocument, Verdict, VerdictStatus
from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping
from shared.domain.posting.document import external_ref
from shared.domain.posting.journal import Document, Journal, JournalLine
from tests.builders.posting import FIRST_OF_NOVEMBER, GERMANY, TENANT, a_document, eur

MAPPING = ErpMapping(
    system="legacy_files",
    connection="erp/old-books",
    company="DE01",
    receivable_account="1100",
    tax_account="1776",
    products={ProductId("api"): "4400", ProductId("storage"): "4410"},
    tax_codes={"VAT19": "U19"},
    accounts={"revenue": "4400", "deferred_revenue": "2900"},
    dimensions={"cost_center": DimensionMapping(field="dimension_1", values={ProductId("api"): "CC-7"})},
)
CSV = FileFormat()


def a_journal(*, number: str = "J-1", posting_date: date = date(2026, 10, 31), amount: str = "300.00") -> Journal:
    """Defer a part of the revenue of October."""
    posting_id = f"accruals/2026-10/{number}"
    return Journal(
        tenant=TENANT,
        posting_id=posting_id,  # type: ignore[arg-type]
        external_ref=external_ref(tenant=TENANT, posting_id=posting_id),  # type: ignore[arg-type]
        legal_entity_id=GERMANY,
        human_number=number,
        document_date=posting_date,
        posting_date=posting_date,
        text="Deferred revenue, October",
        lines=(
            JournalLine(line_no=1, account="revenue", amount=eur(amount), text="API, paid ahead"),
            JournalLine(line_no=2, account="deferred_revenue", amount=-eur(amount), text="API, paid ahead"),
        ),
    )


def invoices(count: int) -> list[StagedDocument]:
    """Return as many invoices of October, of 1428.68 each."""
    return [a_staged(a_document(posting_id=f"acme-{n}/2026-10/r1", number=f"DE-{n:06d}")) for n in range(1, count + 1)]


def a_staged(document: Document | None = None, mapping: ErpMapping = MAPPING) -> StagedDocument:
    return staged(document or a_document(), mapping)


def a_file(
    documents: list[StagedDocument] | None = None, *, after: DeliveryFile | None = None, in_format: FileFormat = CSV
) -> NextFile:
    return next_file(
        documents or [a_staged()], after=after, source="usage-to-cash", in_format=in_format, now=FIRST_OF_NOVEMBER
    )


def posted(document: StagedDocument, number: str = "RE-00001") -> Verdict:
    return Verdict(
        external_ref=document.external_ref,
        status=VerdictStatus.POSTED,
        number=number,
        posting_date=document.posting_date,
        net=document.net,
        tax=document.tax,
        gross=document.gross,
    )


def rejected(document: StagedDocument, code: str = "PERIOD_CLOSED") -> Verdict:
    return Verdict(
        external_ref=document.external_ref, status=VerdictStatus.REJECTED, code=code, text="2026-10 is closed"
    )


def with_line_text(text: str) -> Document:
    document = a_document()
    return replace(document, lines=(replace(document.lines[0], description=text), document.lines[1]))
