"""What became of our receivables: items cleared since a day, and open invoices with partial payments beside them.

A clearing that somebody takes back leaves no trace in the cube: its document is told anew when it is next cleared.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from shared.adapters.erp.sap_s4hana.customer_items import FIELDS, UNREADABLE, customer_items_of, is_ours, settlement
from shared.adapters.erp.sap_s4hana.entries import CUBE, signed
from shared.adapters.erp.sap_s4hana.journal_entry import DOCUMENT_TYPES
from shared.adapters.erp.sap_s4hana.odata import PAGE, Row, Unread, any_of, day, read_day, read_page, read_rows, text
from shared.adapters.erp.sap_s4hana.partial_payments import partly_paid
from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.adapters.erp.sap_s4hana.settlement_cursor import CLEARED_BY, ORDER, SettlementCursor, read_cursor
from shared.domain.money import Money, currency, exact_sum
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import Settlement, SettlementPage, SettlementStatus

_KINDS: Final = {DOCUMENT_TYPES[kind]: kind for kind in (DocumentKind.INVOICE, DocumentKind.CREDIT_MEMO)}
_READ: Final = (*FIELDS, *CLEARED_BY, "IsReversed", "AssignmentReference", "InvoiceReference")
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
    rows = read_page(session, CUBE, where=where, fields=_READ, by=ORDER, top=PAGE)
    if isinstance(rows, Unread):
        return LookupFailed(rows.reason)
    complete = len(rows) < PAGE
    try:
        clearings = _clearings(session, company, rows, going_on=bool(at.behind), complete=complete)
        if isinstance(clearings, LookupFailed):
            return clearings
        next_cursor = at.next_pass if complete else at.after(rows[-1])
        settled = tuple(_settled(row, clearings[_clearing(row)]) for row in rows if is_ours(row))
    except UNREADABLE as error:
        return LookupFailed(f"an item cannot be read: {type(error).__name__}")
    return SettlementPage(settlements=settled, next_cursor=str(next_cursor), complete=complete)


def _cleared(company: str, types: Sequence[str]) -> str:
    is_one = any_of("AccountingDocumentType", types)
    return f"{customer_items_of(company)} and {is_one} and IsReversal eq false and IsCleared eq true"


def _clearings(
    session: SapSession, company: str, rows: Sequence[Row], *, going_on: bool, complete: bool
) -> Mapping[tuple[object, ...], Sequence[Row]] | LookupFailed:
    """Return the invoices and credit memos of each clearing of a page, whoever entered them.

    Of a clearing that the page cuts, some are on another one: it is asked for.
    """
    clearings: defaultdict[tuple[object, ...], Sequence[Row]] = defaultdict(tuple)
    for row in rows:
        clearings[_clearing(row)] = (*clearings[_clearing(row)], row)
    cut = (*(rows[:1] if going_on else ()), *(() if complete else rows[-1:]))
    for row in cut:
        all_of_it = _cleared_with(session, company, row)
        if isinstance(all_of_it, LookupFailed):
            return all_of_it
        clearings[_clearing(row)] = all_of_it
    return clearings


def _cleared_with(session: SapSession, company: str, row: Row) -> list[Row] | LookupFailed:
    on, *names = CLEARED_BY
    same = (f"{on} eq {day(read_day(row[on]))}", *(f"{name} eq {text(str(row[name]))}" for name in names))
    return read_rows(session, CUBE, where=" and ".join((_cleared(company, [*_KINDS]), *same)), fields=_READ, by=ORDER)


def _clearing(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in CLEARED_BY)


def _settled(row: Row, cleared_together: Sequence[Row]) -> Settlement:
    kind = _KINDS[row["AccountingDocumentType"]]
    unit = currency(str(row["TransactionCurrency"]))
    memos = [one for one in cleared_together if one["AccountingDocumentType"] == _CREDIT_MEMO]
    status = SettlementStatus.PAID
    if row["IsReversed"]:
        status = SettlementStatus.VOIDED
    elif kind is DocumentKind.INVOICE and memos:
        status = SettlementStatus.CREDITED
    is_alone = len(cleared_together) - len(memos) == 1
    of_this = [signed(memo) for memo in memos if _is_credit_of(row, memo, is_alone=is_alone)]
    credited = Money(-exact_sum(of_this), unit) if kind is DocumentKind.INVOICE else None
    day_of_change = read_day(row["ClearingCreationDate"])
    return settlement(row, kind, status, Money.zero(unit), day_of_change, credited=credited)


def _is_credit_of(invoice: Row, memo: Row, *, is_alone: bool) -> bool:
    """Tell whether a memo is an invoice's: the one that it names, as ours do, or the only one it was cleared with.

    Of several invoices that a person's memo was cleared with, it is nobody's.
    """
    if memo["TransactionCurrency"] != invoice["TransactionCurrency"]:
        return False
    if memo["AssignmentReference"] and memo["AssignmentReference"] == invoice["AssignmentReference"]:
        return True
    names_it = memo["InvoiceReference"] == invoice["AccountingDocument"]
    return names_it or (is_alone and not is_ours(memo))
