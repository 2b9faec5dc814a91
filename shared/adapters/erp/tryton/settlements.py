"""How our documents stand in Tryton's receivables: those that were written since, by Tryton's own time of change.

A row gets its time when its transaction begins, and may be seen only when it ends.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from shared.adapters.erp.poll_cursor import PollCursor
from shared.adapters.erp.tryton.connection import UNREADABLE, Row, TrytonConnection, Unread
from shared.adapters.erp.tryton.documents import INVOICE_MODEL, signed
from shared.domain.money import Money, currency, exact_sum
from shared.domain.posting.document import DocumentKind, is_external_ref
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import Settlement, SettlementPage, Settlements, SettlementStatus

_PAGE: Final = 100
_ANY_KEY_OF_OURS: Final = "_" * 16  # and any other text of that length
_OF_A_LINE: Final = ("debit", "credit", "move.origin")
_FIELDS: Final = (
    "reference",
    "number",
    "state",
    "total_amount",
    "amount_to_pay",
    "currency.code",
    "write_date",
    "cancel_move.origin",
    "lines_to_pay.invoice_payments",
    *(f"{lines}.{name}" for lines in ("payment_lines", "reconciliation_lines") for name in _OF_A_LINE),
    "company.currency.code",
)


def settlement_page(connection: TrytonConnection, cursor: str, *, now: datetime) -> Settlements:
    at = PollCursor.read(cursor)
    later: list[object] = ["write_date", ">=", at.since]
    if at.after is not None:
        later = ["OR", ["write_date", ">", at.since], [["write_date", "=", at.since], ["id", ">", at.after]]]
    of_ours = [["reference", "like", _ANY_KEY_OF_OURS], ["move", "!=", None], ["type", "=", "out"]]
    domain = [["company", "=", connection.company], *of_ours, later]
    rows = connection.rows(INVOICE_MODEL, domain, _FIELDS, order=[["write_date", "ASC"], ["id", "ASC"]], limit=_PAGE)
    if isinstance(rows, Unread):
        return rows.failed
    try:
        # A person writes references of that length too, and in currencies that we do not know.
        settlements = tuple(_settlement(row) for row in rows if is_external_ref(str(row["reference"])))
        # That of anybody's invoice: a page may be of strangers alone.
        newest: datetime = rows[-1]["write_date"] if rows else at.since
        is_last = len(rows) < _PAGE
        next_cursor = at.next_poll(newest) if is_last else at.behind(newest, rows[-1]["id"], now=now)
    except UNREADABLE as error:
        return LookupFailed(f"the invoices cannot be read: {type(error).__name__}")
    return SettlementPage(settlements=settlements, next_cursor=str(next_cursor), complete=is_last)


def _settlement(row: Row) -> Settlement:
    kind = DocumentKind.CREDIT_MEMO if row["total_amount"] < 0 else DocumentKind.INVOICE
    gross, left = (signed(Decimal(row[name] or 0), kind) for name in ("total_amount", "amount_to_pay"))
    if kind is DocumentKind.CREDIT_MEMO and any(line["invoice_payments"] for line in row["lines_to_pay"]):
        left = Decimal(0)  # it pays a part of an invoice
    return Settlement(
        external_ref=str(row["reference"]),
        kind=kind,
        erp_number=str(row["number"] or ""),
        status=_status(row, kind, gross=gross, left=left),
        open_amount=Money(left, currency(row["currency"]["code"])),
        changed_at=row["write_date"],
        credited=_credited(row) if kind is DocumentKind.INVOICE else None,
    )


def _status(row: Row, kind: DocumentKind, *, gross: Decimal, left: Decimal) -> SettlementStatus:
    if row["state"] == "cancelled":
        return SettlementStatus.CREDITED if _is_other_invoice(row, row["cancel_move"]) else SettlementStatus.VOIDED
    if left:
        return SettlementStatus.OPEN if left == gross else SettlementStatus.PARTLY_PAID
    credited = any(_is_other_invoice(row, line["move"]) for line in row["reconciliation_lines"])
    return SettlementStatus.CREDITED if credited and kind is DocumentKind.INVOICE else SettlementStatus.PAID


def _credited(row: Row) -> Money | None:
    """Return what lines of credit memos take of an invoice; None where they are in another currency, the books'.

    What several invoices are reconciled with at once, nobody divides among them: it is no part of any.
    """
    unit = currency(row["currency"]["code"])
    if row["state"] == "cancelled":
        in_whole = _is_other_invoice(row, row["cancel_move"])
        return Money(Decimal(row["total_amount"]) if in_whole else Decimal(0), unit)
    lines = {line["id"]: line for name in ("payment_lines", "reconciliation_lines") for line in row[name]}
    of_others = [line for line in lines.values() if _is_other_invoice(row, line["move"])]
    if not of_others or any(Decimal(line["debit"]) for line in of_others):
        return Money.zero(unit)
    if row["currency"]["code"] != row["company"]["currency"]["code"]:
        return None
    return Money(exact_sum(Decimal(line["credit"]) for line in of_others), unit)


def _is_other_invoice(row: Row, move: Mapping[str, object] | None) -> bool:
    """Tell a move of another invoice; that of a payment is of the invoice that it pays."""
    origin = str(move.get("origin") or "") if move else ""
    return origin.startswith(f"{INVOICE_MODEL},") and origin != f"{INVOICE_MODEL},{row['id']}"
