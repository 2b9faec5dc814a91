"""Writes a run's books to a folder, whole or not at all: a run that dies half-way leaves the earlier one in place."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.u2c.books import Books
from operations.u2c.metered_usage import packed
from operations.u2c.output_files import (
    ARCHIVE,
    DOCUMENTS,
    ERP_FILES,
    EXCEPTIONS,
    INVOICES,
    LEDGER,
    LINEAGE,
    POSTINGS,
    TIE_OUT,
    replaced_whole,
)
from shared.domain.currency_exchange.converted import Converted
from shared.domain.exceptions_catalog import CATALOG
from shared.domain.identifiers import PostingId
from shared.domain.invoicing.consolidation import line_on_bill
from shared.domain.invoicing.invoice import Adjustment, Invoice, InvoiceLine, invoice_id
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.metering.aggregate import WindowKey, WindowUsage, quantity_of
from shared.domain.metering.carried import CarriedLevel
from shared.domain.money import total
from shared.domain.posting.accounting_period import period_title
from shared.domain.posting.compose import posting_id
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.names import issued_name
from shared.domain.receivables.receivable import Receivable
from shared.domain.reconciliation.tie_out import TieOut
from shared.domain.time_period import format_instant
from shared.domain.usage.recount import counted_by_ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What goes to the output folder."""

    books: Books
    tie_out: TieOut
    lines_of_window: dict[WindowKey, list[str]]
    legal_entities: dict[str, LegalEntity]
    beancount: str
    facts: dict[str, str]  # catalogue version, simulated period, command
    copy_archive: Callable[[Path], None]
    copy_documents: Callable[[Path], None]
    copy_erp_files: Callable[[Path], None]


def write_outputs(report: RunReport, folder: Path) -> None:
    """Write all files, whole or not at all."""
    books = report.books
    with replaced_whole(folder) as fresh:
        _jsonl(fresh / INVOICES, _invoices(books))
        owed = {one.posting_id: one for one in books.receivables}
        _jsonl(fresh / POSTINGS, (_posting(intent, report, owed.get(intent.posting_id)) for intent in books.intents))
        _jsonl(fresh / EXCEPTIONS, _exceptions(books))
        _jsonl(fresh / LINEAGE, _lineage(report))
        (fresh / TIE_OUT).write_text(json.dumps(_tie_out(report), indent=2) + "\n", encoding="utf-8")
        (fresh / LEDGER).write_text(report.beancount, encoding="utf-8")
        report.copy_archive(fresh / ARCHIVE)
        report.copy_documents(fresh / DOCUMENTS)
        report.copy_erp_files(fresh / ERP_FILES)


def window_name(key: WindowKey) -> str:
    """Name a window in lineage records."""
    dimensions = ",".join(f"{name}={value}" for name, value in key.dimensions)
    return f"{key.customer_id}|{key.meter}|{format_instant(key.window_start)}|{dimensions}"


def line_name(invoice: Invoice, line: InvoiceLine) -> str:
    """Name an invoice line in lineage records: by the bill of its contract, whichever invoice it is on."""
    return f"{invoice_id(line.contract_id or invoice.contract_id, invoice.billing_period)}#{line_on_bill(line)}"


def _jsonl(path: Path, records: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _invoices(books: Books) -> Iterator[dict[str, Any]]:
    documents: defaultdict[PostingId, list[PostingDocument]] = defaultdict(list)
    for intent in books.intents:
        if isinstance(intent.document, PostingDocument):
            of = issued_name(intent.posting_id)
            documents[posting_id(of.invoice_id, of.revision)].append(intent.document)
    replaced = (one for one in books.reversed if books.invoices[one.invoice_id].revision != one.revision)
    for invoice in (*books.invoices.values(), *replaced):
        yield _invoice(invoice, _owed(invoice, documents[posting_id(invoice.invoice_id, invoice.revision)]))


def _owed(invoice: Invoice, documents: Sequence[PostingDocument]) -> dict[str, Any]:
    """Return what a dunning process needs besides: the order that it is paid by, and what is credited of it so far."""
    orders = [one.purchase_order for one in documents if one.kind is DocumentKind.INVOICE]
    credits_ = [one.gross for one in documents if one.kind is DocumentKind.CREDIT_MEMO]
    return {
        "purchase_order": orders[-1] if orders else None,
        "payment_terms": str(invoice.payment_terms) if invoice.payment_terms else None,
        "credited": f"{total(credits_, invoice.gross.currency).amount:f}",
    }


def _invoice(invoice: Invoice, owed: dict[str, Any]) -> dict[str, Any]:
    return {
        "invoice_id": invoice.invoice_id,
        "revision": invoice.revision,
        "number": invoice.number,
        "state": invoice.state.value,
        "customer_id": invoice.customer_id,
        "bill_to": invoice.buyer_id,
        "contract_id": invoice.contract_id,
        "legal_entity_id": invoice.legal_entity_id,
        "billing_period": invoice.billing_period.name,
        "service_period": str(invoice.billing_period.period),
        "invoice_date": str(invoice.invoice_date) if invoice.invoice_date else None,
        "due_date": str(invoice.due_date) if invoice.due_date else None,
        **owed,
        "currency": invoice.net.currency.code,
        "net": f"{invoice.net.amount:f}",
        "tax": f"{invoice.tax.amount:f}",
        "gross": f"{invoice.gross.amount:f}",
        "in_books": _converted(invoice.converted) if invoice.converted else None,
        "consolidated_on": invoice.consolidated_on.invoice_id if invoice.consolidated_on else None,
        "members": [one.invoice_id for one in invoice.members],
        "lines": [_line(invoice, line) for line in invoice.lines],
        "taxes": [
            {"code": t.code, "rate": f"{t.rate:f}", "base": f"{t.base.amount:f}", "amount": f"{t.amount.amount:f}"}
            for t in invoice.taxes
        ],
        "approved_by": invoice.approval.decided_by if invoice.approval else None,
        "issues": [{"severity": i.severity.value, "code": i.code, "message": i.message} for i in invoice.issues],
        "catalog_version": invoice.catalog_version,
        "manifest_digest": invoice.manifest.digest,
        "carried_in": [_carried(one) for one in invoice.manifest.opening],
        "adjusted": [
            {"invoice_id": one.invoice_id, "manifest_digest": one.manifest.digest} for one in invoice.adjusted
        ],
    }


def _converted(converted: Converted) -> dict[str, Any]:
    """Return what a document in another currency comes to in the currency of its legal entity's books."""
    rate = converted.rate
    return {
        "currency": converted.gross.currency.code,
        "net": f"{converted.net.amount:f}",
        "tax": f"{converted.tax.amount:f}",
        "gross": f"{converted.gross.amount:f}",
        "rate": f"{rate.rate:f}",
        "base": rate.base.code,
        "quote": rate.quote.code,
        "source": rate.source,
        "published_on": str(rate.published_on),
    }


def _carried(one: CarriedLevel) -> dict[str, Any]:
    return {
        "meter": one.meter,
        "dimensions": dict(one.dimensions),
        "level": f"{one.level.value:f}",
        "reported_at": format_instant(one.level.occurred_at),
        "event": f"{one.level.source}#{one.level.event_id}",
    }


def _line(invoice: Invoice, line: InvoiceLine) -> dict[str, Any]:
    return {
        "line_id": line.line_id,
        "lineage": line_name(invoice, line),
        "contract_id": line.contract_id or invoice.contract_id,
        "charge_id": line.charge_id,
        "product_id": line.product_id,
        "description": line.description,
        "meter": line.meter,
        "priced_by": dict(line.priced_by),
        "service_period": str(line.service_period),
        "quantity": f"{line.quantity:f}",
        "price": line.price,
        "parts": [
            {
                "label": part.label,
                "quantity": f"{part.quantity:f}",
                "unit_price": f"{part.unit_price:f}",
                "flat_amount": f"{part.flat_amount:f}",
                "amount": f"{part.amount:f}",
            }
            for part in line.parts
        ],
        "precise_amount": f"{line.precise_amount:f}",
        "amount": f"{line.amount.amount:f}",
        "adjusts": _adjusts(line.adjusts) if line.adjusts else None,
    }


def _adjusts(adjusts: Adjustment) -> dict[str, Any]:
    return {
        "invoice_id": adjusts.invoice_id,
        "invoice_number": adjusts.invoice_number,
        "quantity_before": f"{adjusts.quantity:f}",
        "amount_before": f"{adjusts.amount.amount:f}",
    }


def _posting(intent: PostingIntent, report: RunReport, owed: Receivable | None) -> dict[str, Any]:
    entity = report.legal_entities[intent.legal_entity_id]
    return {
        "posting_id": intent.posting_id,
        "replaces": intent.replaces,
        "kind": intent.document.kind.value,
        "invoice_id": _invoice_of(intent),
        "invoice_number": intent.document.human_number,
        "external_ref": intent.external_ref,
        "legal_entity_id": intent.legal_entity_id,
        "system": entity.erp.system,
        "connection": entity.erp.connection,
        "state": intent.state.value,
        "attempts": intent.attempts,
        "erp_number": intent.erp_number,
        "erp_ref": intent.erp_ref.value if intent.erp_ref else None,
        "accounting_period": intent.posted_period,
        "currency": intent.document.gross.currency.code,
        "net": f"{intent.document.net.amount:f}",
        "tax": f"{intent.document.tax.amount:f}",
        "gross": f"{intent.document.gross.amount:f}",
        "receivable": _receivable(owed) if owed else None,
        "reason": intent.reason,
    }


def _receivable(owed: Receivable) -> dict[str, Any]:
    """Return how the document stands in the ERP, by what the ERP has told last."""
    return {
        "status": owed.status.value,
        "open_amount": f"{owed.open_amount.amount:f}",
        "changed_at": format_instant(owed.changed_at),
    }


def _invoice_of(intent: PostingIntent) -> str:
    """Return the invoice that a posting is of, or that it credits."""
    revision, _, _ = intent.posting_id.partition("/credit/")
    return revision.rsplit("/r", 1)[0]


def _exceptions(books: Books) -> Iterator[dict[str, Any]]:
    for record in books.exceptions:
        entry = CATALOG[record.code]
        yield {
            "code": record.code.value,
            "status": record.status.value,
            "subject": record.subject,
            "message": record.message,
            "owner": entry.owner.value,
            "raised_at": format_instant(record.raised_at),
            "remedies": list(entry.remedies),
            "resolution": record.resolution,
            "detail": dict(record.detail),
        }


def _lineage(report: RunReport) -> Iterator[dict[str, Any]]:
    books = report.books
    for fate in books.fates:
        yield {
            "kind": "event",
            "id": f"{fate.source}#{fate.event_id}",
            "event_id": fate.event_id,
            "delivery": fate.delivery,
            "fate": fate.fate.value,
            "code": fate.code,
            "reason": fate.reason,
            "correction": fate.correction,
            "occurred_at": format_instant(fate.occurred_at) if fate.occurred_at else None,
            "meter": fate.meter,
            "quantity": f"{fate.quantity:f}" if fate.quantity is not None else None,
            "window": window_name(fate.window) if fate.window else None,
        }
    for key, (events, state) in sorted(books.windows.items(), key=lambda item: item[0]):
        yield {
            "kind": "window",
            "id": window_name(key),
            "customer": key.customer_id,
            "meter": key.meter,
            "start": format_instant(key.window_start),
            "events": events,
            "quantity": f"{quantity_of(state):f}",
            "dimensions": dict(key.dimensions),
            "recount": f"{counted_by_ledger(WindowUsage(key, events, state)).quantity:f}",
            "packed": packed(WindowUsage(key, events, state)),
            "lines": report.lines_of_window.get(key, []),
        }
    documents: dict[str, list[str]] = defaultdict(list)
    for intent in books.intents:
        documents[_invoice_of(intent)].append(intent.external_ref)
    for invoice in books.invoices.values():
        for line in invoice.own_lines:
            yield {
                "kind": "line",
                "id": line_name(invoice, line),
                "invoice": invoice.number or invoice.invoice_id,
                "amount": f"{line.amount.amount:f}",
                "currency": line.amount.currency.code,
                "documents": documents[(invoice.consolidated_on or invoice).invoice_id],
            }
    for document in books.erp_documents:
        yield {
            "kind": "document",
            "id": document.external_ref,
            "connection": document.connection,
            "number": document.number,
            "accounting_period": document.accounting_period,
            "gross": f"{document.gross:f}",
            "currency": document.currency,
        }


def _tie_out(report: RunReport) -> dict[str, Any]:
    return {
        **report.facts,
        "ties": report.tie_out.ties,
        "settled": report.tie_out.is_settled,
        "waiting": [
            {
                "legal_entity_id": one.legal_entity_id,
                "accounting_period": period_title(one.accounting_period),
                "kind": one.kind.value,
                "state": one.state.value,
                "documents": one.documents,
                "currency": one.gross.currency.code,
                "gross": f"{one.gross.amount:f}",
                "oldest": format_instant(one.oldest),
            }
            for one in report.tie_out.waiting
        ],
        "checks": [
            {
                "name": check.name,
                "ties": check.ties,
                "left": {"name": check.left_name, "value": f"{check.left:f}"},
                "right": {"name": check.right_name, "value": f"{check.right:f}"},
                "unit": check.unit,
                "difference": f"{check.difference:f}",
                "explanations": [{"reason": e.reason, "amount": f"{e.amount:f}"} for e in check.explanations],
                "unexplained": f"{check.unexplained:f}",
            }
            for check in report.tie_out.checks
        ],
    }
