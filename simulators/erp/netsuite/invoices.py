"""invoice: created once per external id, in the ledger at once unless it waits for approval."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import Entry, EntryLine, RevenueLine, invoice_lines
from simulators.erp.netsuite import payload
from simulators.erp.netsuite.books import AccountBooks, Record, RecordStore
from simulators.erp.netsuite.dialect import unknown_reference
from simulators.erp.netsuite.document_header import APPROVALS, APPROVED, TEXT_WIDTHS, exchange_rate, read_texts
from simulators.erp.netsuite.invoice_lines import InvoiceLine, read_lines, tax_of
from simulators.erp.netsuite.posting_periods import posting_period
from simulators.http.exchange import Call
from simulators.http.faults import Fault

KNOWN = frozenset(
    {
        *TEXT_WIDTHS,
        "externalId",
        "entity",
        "tranDate",
        "dueDate",
        "postingPeriod",
        "subsidiary",
        "currency",
        "exchangeRate",
        "approvalStatus",
        "department",
        "class",
        "location",
        "nexus",
        "taxRegOverride",
        "taxDetailsOverride",
        "item",
        "taxDetails",
        "startDate",
        "endDate",
    }
)


def create_invoice(books: AccountBooks, call: Call) -> tuple[Record, list[str]]:
    """Return the stored record and warnings of names that were ignored."""
    fields = call.json_object()
    approval = payload.internal_id(fields, "approvalStatus") if "approvalStatus" in fields else APPROVED
    if approval not in APPROVALS:
        raise unknown_reference("approvalStatus", approval)
    invoice, lines, warnings = read_document(books, call, books.invoices, known=KNOWN, prefix="INV")
    state = "Open" if approval == APPROVED else "Pending"
    invoice |= {
        "dueDate": payload.day(fields, "dueDate", default=date.fromisoformat(invoice["tranDate"])).isoformat(),
        "approvalStatus": {"id": approval, "refName": APPROVALS[approval]},
        "status": {"id": state, "refName": state},
        "amountPaid": Decimal(0),
        "amountRemaining": invoice["total"],
    }
    if approval == APPROVED:
        books.ledger.post(entry_of(books, invoice, lines, invoice_lines))
    books.invoices.add(invoice)
    return invoice, warnings


def read_document(
    books: AccountBooks, call: Call, store: RecordStore, *, known: frozenset[str], prefix: str
) -> tuple[Record, tuple[InvoiceLine, ...], list[str]]:
    """Return what an invoice and a credit memo have alike, its lines, and warnings of names that were ignored."""
    fields = call.json_object()
    warnings = payload.warnings_of(call, fields, known=known)
    key = payload.external_id(fields, store)
    customer = books.customers.referred(payload.reference(fields, "entity"))
    if customer is None:
        raise unknown_reference("entity", fields["entity"])
    subsidiary, currency = _place(fields, customer)
    setup = books.subsidiaries[subsidiary["id"]]
    tran_date = payload.day(fields, "tranDate", default=books.now().date())
    closed = call.fault is Fault.CLOSED_PERIOD
    period = posting_period(books, fields, tran_date, receivables=True, closed=closed)
    lines, line_warnings = read_lines(books, call, fields, setup, currency=currency["refName"])
    tax, tax_warnings = tax_of(call, fields, lines, setup, currency=currency["refName"])
    net = sum((line.amount for line in lines), start=Decimal(0))
    number = books.new_id()
    texts = read_texts(fields)
    record: Record = {
        "id": number,
        "externalId": key,
        **texts,
        "tranId": books.number(texts["tranId"], f"{prefix}{number}"),
        "tranDate": tran_date.isoformat(),
        "entity": {"id": customer["id"], "refName": customer["companyName"]},
        "subsidiary": subsidiary,
        "currency": currency,
        "exchangeRate": exchange_rate(fields, setup, currency=currency["refName"]),
        "postingPeriod": {"id": period.period_id, "refName": period.name},
        "subtotal": net,
        "taxTotal": tax,
        "total": net + tax,
        "_lines": lines,
        "_items": [_shown(line) for line in lines],
    }
    books.changed(record)
    return record, lines, [*warnings, *line_warnings, *tax_warnings]


def as_document(
    books: AccountBooks, invoice: Record, kind: Literal["invoice", "credit_memo"] = "invoice"
) -> SimulatedDocument:
    return SimulatedDocument(
        kind=kind,
        company=invoice["subsidiary"]["id"],
        document_id=invoice["id"],
        external_ref=invoice["externalId"],
        number=invoice["tranId"],
        customer=invoice["entity"]["refName"],
        status=invoice["status"]["id"],
        posted=kind == "credit_memo" or invoice["approvalStatus"]["id"] == APPROVED,
        accounting_period=books.periods[invoice["postingPeriod"]["id"]].start.strftime("%Y-%m"),
        currency=invoice["currency"]["refName"],
        net=invoice["subtotal"],
        tax=invoice["taxTotal"],
        gross=invoice["total"],
        open_amount=invoice["unapplied"] if kind == "credit_memo" else invoice["amountRemaining"],
    )


def _place(fields: dict[str, Any], customer: Record) -> tuple[Record, Record]:
    """Return subsidiary and currency, which are the customer's; naming others is refused."""
    subsidiary, currency = customer["subsidiary"], customer["currency"]
    if "subsidiary" in fields and payload.internal_id(fields, "subsidiary") != subsidiary["id"]:
        raise unknown_reference("subsidiary", fields["subsidiary"])
    if "currency" in fields and payload.internal_id(fields, "currency") != currency["id"]:
        raise unknown_reference("currency", fields["currency"])
    return subsidiary, currency


def _shown(line: InvoiceLine) -> Record:
    return {
        "item": {"id": line.item},
        "description": line.description,
        "quantity": line.quantity,
        "amount": line.amount,
        "taxDetailsReference": line.tax_reference,
        **line.dimensions,
    }


def entry_of(
    books: AccountBooks, invoice: Record, lines: tuple[InvoiceLine, ...], booked: Callable[..., tuple[EntryLine, ...]]
) -> Entry:
    setup = books.subsidiaries[invoice["subsidiary"]["id"]]
    revenue = [RevenueLine(account=line.account, amount=line.amount) for line in lines]
    return Entry(
        company=setup.company,
        posting_date=date.fromisoformat(invoice["tranDate"]),
        document_number=invoice["tranId"],
        external_ref=invoice["externalId"],
        customer=invoice["entity"]["refName"],
        currency=invoice["currency"]["refName"],
        lines=booked(setup, revenue=revenue, net=invoice["subtotal"], tax=invoice["taxTotal"]),
    )
