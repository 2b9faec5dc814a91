"""What became of our receivables: items cleared since a day, and open invoices with partial payments beside them.

A clearing that somebody takes back leaves no trace in the cube: its document is told anew when it is next cleared.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from shared.adapters.erp.sap_s4hana.customer_items import FIELDS, UNREADABLE, customer_items_of, is_ours, settlement
from shared.adapters.erp.sap_s4hana.entries import CUBE
from shared.adapters.erp.sap_s4hana.journal_entry import DOCUMENT_TYPES
from shared.adapters.erp.sap_s4hana.odata import PAGE, Row, Unread, any_of, day, read_day, read_page, text
from shared.adapters.erp.sap_s4hana.partial_payments import partly_paid
from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.adapters.erp.sap_s4hana.settlement_cursor import CLEARED_BY, ORDER, SettlementCursor, read_cursor
from shared.domain.money import Money, currency
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import Settlement, SettlementPage, SettlementStatus

_KINDS: Final = {DOCUMENT_TYPES[kind]: kind for kind in (DocumentKind.INVOICE, DocumentKind.CREDIT_MEMO)}
_CREDIT_MEMO: Final = DOCUMENT_TYPES[DocumentKind.CREDIT_MEMO]


def settlements_since(session: SapSession, company: str, cursor: str, *, today: date) -> SettlementPage | LookupFailed:
    """Return a page from a cursor on; the last of a pass has the partly paid invoices too, all of them each time."""
    try:
        at = read_cursor(cursor, today)
    except ValueError:
        return LookupFailed(f"{cursor} is no cursor of this ERP")
    page = _cleared_page(session, company, at)
    if isinstance(page, LookupFailed) or not page.complete:
        return page
    partly = partly_paid(session, company, today=today)
    return partly if isinstance(partly, LookupFailed) else replace(page, settlements=(*page.settlements, *partly))


def _cleared_page(session: SapSession, company: str, at: SettlementCursor) -> SettlementPage | LookupFailed:
    where = f"{_cleared(company, [*_KINDS])} and {at.condition}"
    fields = (*FIELDS, *CLEARED_BY, "IsReversed")
    rows = read_page(session, CUBE, where=where, fields=fields, by=ORDER, top=PAGE)
    if isinstance(rows, Unread):
        return LookupFailed(rows.reason)
    complete = len(rows) < PAGE
    try:
        credited = _credited(session, company, rows, going_on=bool(at.behind), complete=complete)
        if isinstance(credited, LookupFailed):
            return credited
        next_cursor = at.next_pass if complete else at.after(rows[-1])
        settled = tuple(_settled(row, credited) for row in rows if is_ours(row))
    except UNREADABLE as error:
        return LookupFailed(f"an item cannot be read: {type(error).__name__}")
    return SettlementPage(settlements=settled, next_cursor=str(next_cursor), complete=complete)


def _cleared(company: str, types: Sequence[str]) -> str:
    is_one = any_of("AccountingDocumentType", types)
    return f"{customer_items_of(company)} and {is_one} and IsReversal eq false and IsCleared eq true"


def _credited(
    session: SapSession, company: str, rows: Sequence[Row], *, going_on: bool, complete: bool
) -> frozenset[tuple[object, ...]] | LookupFailed:
    """Return the clearings of a page that have a credit memo in them, whoever entered it.

    Of a clearing that the page cuts, it may be on another one: it is asked for.
    """
    credited = {_clearing(row) for row in rows if row["AccountingDocumentType"] == _CREDIT_MEMO}
    cut = (*(rows[:1] if going_on else ()), *(() if complete else rows[-1:]))
    for row in cut:
        if _clearing(row) not in credited:
            memos = _credit_memos_cleared_with(session, company, row)
            if isinstance(memos, Unread):
                return LookupFailed(memos.reason)
            credited |= {_clearing(memo) for memo in memos}
    return frozenset(credited)


def _credit_memos_cleared_with(session: SapSession, company: str, row: Row) -> list[Row] | Unread:
    on, *names = CLEARED_BY
    same = (f"{on} eq {day(read_day(row[on]))}", *(f"{name} eq {text(str(row[name]))}" for name in names))
    where = " and ".join((_cleared(company, [_CREDIT_MEMO]), *same))
    return read_page(session, CUBE, where=where, fields=CLEARED_BY, by=ORDER, top=1)


def _clearing(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in CLEARED_BY)


def _settled(row: Row, credited: frozenset[tuple[object, ...]]) -> Settlement:
    kind = _KINDS[row["AccountingDocumentType"]]
    status = SettlementStatus.PAID
    if row["IsReversed"]:
        status = SettlementStatus.VOIDED
    elif kind is DocumentKind.INVOICE and _clearing(row) in credited:
        status = SettlementStatus.CREDITED
    nothing = Money.zero(currency(str(row["TransactionCurrency"])))
    return settlement(row, kind, status, nothing, read_day(row["ClearingCreationDate"]))
