"""Applies a credit memo that is in the ledger to the invoice that it credits.

Tryton has a wizard that credits an invoice, but it credits all of it, without our key, our number and our lines. So the
memo is posted as a document of its own, and its receivable is then set off against the invoice's: as a payment of a
part, which REST takes, or, when nothing is left, by reconciling all lines, which only the client's interface offers.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from shared.adapters.erp.tryton.connection import UNREADABLE, Row, TrytonConnection, Unread
from shared.adapters.erp.tryton.documents import INVOICE_MODEL
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.outcome import AuthFailed, ErpRef, Rejected, RejectionCode, Throttled

_OPEN: Final = ("state", "amount_to_pay", "lines_to_pay.reconciliation", "payment_lines.reconciliation")
_WIZARD: Final = "wizard.account.move.reconcile_lines"


def unfit_credit(connection: TrytonConnection, memo: PostingDocument) -> Rejected | Throttled | AuthFailed | None:
    """Return why an invoice cannot be credited so: Tryton itself would take any credit memo."""
    assert memo.corrects is not None, "a credit memo names what it credits"
    ref, fields = memo.corrects.erp_ref, ("company", "currency.code", "total_amount")
    # Searched for: that nothing is found says that there is none, which a 404 of whatever stands in between does not.
    found = connection.rows(INVOICE_MODEL, [["id", "=", int(ref)]], fields) if ref.isdecimal() else []
    if isinstance(found, Unread):
        return found.for_document
    if not found:
        text = f"Tryton has no invoice {memo.corrects.human_number} with id {ref}"
        return Rejected.of(RejectionCode.INVOICE_MISSING, text)
    (invoice,) = found
    try:
        company, code, total = invoice["company"], invoice["currency"]["code"], Decimal(invoice["total_amount"])
    except UNREADABLE:
        return Throttled()
    if company != connection.company or code != memo.gross.currency.code:
        text = f"{memo.corrects.human_number} is of another company or currency"
        return Rejected.of(RejectionCode.NOT_ITS_INVOICE, text)
    if memo.gross.amount > total:
        text = f"{memo.corrects.human_number} came to {total}, less than is credited"
        return Rejected.of(RejectionCode.BEYOND_INVOICE, text)
    return None


def apply_credit(connection: TrytonConnection, ref: ErpRef, memo: PostingDocument) -> None:
    """Set the memo off, once; what is not applied stays open in Tryton, for a person to apply, and shows as such.

    The ledger is right either way, so that no failure here may make a document of ours be sent again.
    """
    assert memo.corrects is not None, "a credit memo names what it credits"
    credit = connection.record(INVOICE_MODEL, ref.value, _OPEN)
    invoice = connection.record(INVOICE_MODEL, memo.corrects.erp_ref, _OPEN)
    if isinstance(credit, Unread) or isinstance(invoice, Unread) or invoice.get("state") != "posted":
        return
    try:
        own, paid = list(_unreconciled(credit, "lines_to_pay")), list(_unreconciled(invoice, "payment_lines"))
        owed, to_apply = list(_unreconciled(invoice, "lines_to_pay")), [line for line in own if line not in paid]
        left = Decimal(invoice["amount_to_pay"]) - (memo.gross.amount if to_apply else 0)
    except UNREADABLE:
        return
    if own and not left:
        _reconcile(connection, [*owed, *paid, *to_apply])
    elif to_apply and left > 0:
        body = {"payment_lines": [["add", to_apply]]}
        connection.rest("PUT", f"{INVOICE_MODEL}/{memo.corrects.erp_ref}", body=body, fields=["state"])


def _unreconciled(row: Row, name: str) -> Iterator[int]:
    lines: Any = row.get(name) or ()
    yield from (int(line["id"]) for line in lines if line.get("reconciliation") is None)


def _reconcile(connection: TrytonConnection, lines: list[int]) -> None:
    session = connection.signed_in()
    if isinstance(session, Unread):
        return
    wizard = session.call(f"{_WIZARD}.create")
    if not isinstance(wizard, list) or not wizard:
        return
    on = {"active_model": "account.move.line", "active_ids": lines, "active_id": lines[0]}
    session.call(f"{_WIZARD}.execute", wizard[0], {}, "start", context=on)
    session.call(f"{_WIZARD}.delete", wizard[0])
