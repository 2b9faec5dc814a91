"""What became of our receivables: items cleared since a day, and open invoices with partial payments beside them.

A clearing that somebody takes back leaves no trace in the cube: its document is told anew when it is next cleared.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import InvalidOperation
from typing import Final

from shared.adapters.erp.sap_s4hana.entries import CUBE, signed
from shared.adapters.erp.sap_s4hana.journal_entry import DOCUMENT_TYPES
from shared.adapters.erp.sap_s4hana.odata import PAGE, Row, Unread, any_of, day, read_day, read_page, read_rows, text
from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.domain.money import Money, UnknownCurrencyError, currency, exact_sum
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import Settlement, SettlementPage, SettlementStatus

_KINDS: Final = {DOCUMENT_TYPES[kind]: kind for kind in (DocumentKind.INVOICE, DocumentKind.CREDIT_MEMO)}
_INVOICE, _CREDIT_MEMO = DOCUMENT_TYPES[DocumentKind.INVOICE], DOCUMENT_TYPES[DocumentKind.CREDIT_MEMO]
_BEGINNING = "1900-01-01/"
_AT_ONCE = 20  # documents asked for in one filter
_DOCUMENT = ("AccountingDocument", "FiscalYear", "AccountingDocumentItem")
_CLEARED_BY = ("ClearingCreationDate", "ClearingAccountingDocument", "ClearingDocFiscalYear")
_FIELDS = (
    *_DOCUMENT,
    "AccountingDocumentType",
    "DocumentReferenceID",
    "DebitCreditCode",
    "TransactionCurrency",
    "AmountInTransactionCurrency",
)
_PAYS_FOR = ("InvoiceReference", "InvoiceReferenceFiscalYear")
_UNREADABLE = (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError)


def settlements_since(session: SapSession, company: str, cursor: str) -> SettlementPage | LookupFailed:
    """Return a page by a cursor "DAY/CLEARING": the next one begins with that clearing again, so that none is cut."""
    page = _cleared_page(session, company, cursor)
    if isinstance(page, LookupFailed) or not page.complete:
        return page
    partly = _partly_paid(session, company)
    return partly if isinstance(partly, LookupFailed) else replace(page, settlements=(*page.settlements, *partly))


def _cleared_page(session: SapSession, company: str, cursor: str) -> SettlementPage | LookupFailed:
    since, _, first = (cursor or _BEGINNING).partition("/")
    try:
        where = _cleared_since(company, date.fromisoformat(since), first)
    except ValueError:
        return LookupFailed(f"{cursor} is no cursor of this ERP")
    order = (*_CLEARED_BY, *_DOCUMENT)
    rows = read_page(session, CUBE, where=where, fields=(*_FIELDS, *_CLEARED_BY, "IsReversed"), by=order, top=PAGE)
    if isinstance(rows, Unread):
        return LookupFailed(rows.reason)
    complete = len(rows) < PAGE
    try:
        next_cursor = _cursor_after(rows) if rows else cursor
        settled = tuple(_cleared(rows))
    except _UNREADABLE as error:
        return LookupFailed(f"an item cannot be read: {type(error).__name__}")
    if next_cursor == cursor and not complete:
        return LookupFailed(f"one clearing of more than {PAGE} items")
    return SettlementPage(settlements=settled, next_cursor=next_cursor, complete=complete)


def _cleared_since(company: str, since: date, first: str) -> str:
    then = f"ClearingCreationDate eq {day(since)} and ClearingAccountingDocument ge {text(first)}"
    return (
        f"{_receivables_of(company)} and {any_of('AccountingDocumentType', [*_KINDS])} and IsReversal eq false"
        f" and IsCleared eq true and (ClearingCreationDate gt {day(since)} or ({then}))"
    )


def _receivables_of(company: str) -> str:
    return f"CompanyCode eq {text(company)} and FinancialAccountType eq 'D'"


def _cleared(rows: Sequence[Row]) -> Iterator[Settlement]:
    with_credit = {_clearing(row) for row in rows if row["AccountingDocumentType"] == _CREDIT_MEMO}
    for row in rows:
        kind = _KINDS[row["AccountingDocumentType"]]
        status = SettlementStatus.PAID
        if row["IsReversed"]:
            status = SettlementStatus.VOIDED
        elif kind is DocumentKind.INVOICE and _clearing(row) in with_credit:
            status = SettlementStatus.CREDITED
        unit = currency(str(row["TransactionCurrency"]))
        yield _settlement(row, kind, status, Money.zero(unit), read_day(row["ClearingCreationDate"]))


def _clearing(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in _CLEARED_BY)


def _cursor_after(rows: Sequence[Row]) -> str:
    return f"{read_day(rows[-1]['ClearingCreationDate'])}/{rows[-1]['ClearingAccountingDocument']}"


def _partly_paid(session: SapSession, company: str) -> list[Settlement] | LookupFailed:
    where = f"{_receivables_of(company)} and IsCleared eq false and InvoiceReference ne ''"
    fields = (*_FIELDS, *_PAYS_FOR, "AccountingDocumentCreationDate")
    payments = read_rows(session, CUBE, where=where, fields=fields, by=_DOCUMENT)
    if isinstance(payments, LookupFailed):
        return payments
    beside: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for payment in payments:
        beside[str(payment["InvoiceReference"]), str(payment["InvoiceReferenceFiscalYear"])].append(payment)
    numbers = sorted({number for number, _ in beside})
    found: list[Settlement] = []
    for start in range(0, len(numbers), _AT_ONCE):
        invoices = _open_invoices(session, company, numbers[start : start + _AT_ONCE])
        if isinstance(invoices, LookupFailed):
            return invoices
        try:
            found += _less(invoices, beside)
        except _UNREADABLE as error:
            return LookupFailed(f"an item cannot be read: {type(error).__name__}")
    return found


def _open_invoices(session: SapSession, company: str, numbers: Sequence[str]) -> list[Row] | LookupFailed:
    conditions = (
        _receivables_of(company),
        f"AccountingDocumentType eq {text(_INVOICE)}",
        "IsCleared eq false",
        any_of("AccountingDocument", numbers),
    )
    return read_rows(session, CUBE, where=" and ".join(conditions), fields=_FIELDS, by=_DOCUMENT)


def _less(invoices: Sequence[Row], beside: dict[tuple[str, str], list[Row]]) -> Iterator[Settlement]:
    for invoice in invoices:
        payments = beside.get((str(invoice["AccountingDocument"]), str(invoice["FiscalYear"])))
        if payments:
            left = signed(invoice) + exact_sum(signed(payment) for payment in payments)
            unit = currency(str(invoice["TransactionCurrency"]))
            changed = max(read_day(payment["AccountingDocumentCreationDate"]) for payment in payments)
            status = SettlementStatus.PARTLY_PAID
            yield _settlement(invoice, DocumentKind.INVOICE, status, Money(left, unit), changed)


def _settlement(
    row: Row, kind: DocumentKind, status: SettlementStatus, open_amount: Money, changed_on: date
) -> Settlement:
    return Settlement(
        external_ref=str(row["DocumentReferenceID"]),
        kind=kind,
        erp_number=str(row["AccountingDocument"]),
        status=status,
        open_amount=open_amount,
        changed_at=datetime.combine(changed_on, time(), UTC),
    )
