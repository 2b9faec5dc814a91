"""creditMemo: created once per external id, in the ledger at once, applied to the invoices it names."""

from decimal import Decimal
from typing import Any

from simulators.erp.general_ledger import credit_memo_lines
from simulators.erp.netsuite import payload
from simulators.erp.netsuite.books import AccountBooks, Record
from simulators.erp.netsuite.dialect import business_rule, unknown_reference
from simulators.erp.netsuite.invoices import KNOWN, entry_of, read_document
from simulators.http.exchange import Call

INVOICE_ONLY = frozenset({"dueDate", "approvalStatus"})


def create_credit_memo(books: AccountBooks, call: Call) -> tuple[Record, list[str]]:
    """Return the stored record, applied to the invoices it names, and warnings of names that were ignored."""
    known = (KNOWN - INVOICE_ONLY) | {"apply", "autoApply"}
    memo, lines, warnings = read_document(books, call, books.credit_memos, known=known, prefix="CM")
    rows = _applications(books, call.json_object(), memo)
    applied = sum((amount for _, amount in rows), start=Decimal(0))
    if applied > memo["total"]:
        raise business_rule("You cannot apply more than the amount of the credit memo.", path="apply")
    for invoice, amount in rows:
        invoice["amountPaid"] += amount
        invoice["amountRemaining"] -= amount
    state = "A" if applied < memo["total"] else "B"  # open, fully applied
    memo |= {
        "status": {"id": state, "refName": {"A": "Open", "B": "Fully Applied"}[state]},
        "applied": applied,
        "unapplied": memo["total"] - applied,
    }
    books.ledger.post(entry_of(books, memo, lines, credit_memo_lines))
    books.credit_memos.add(memo)
    return memo, warnings


def _applications(books: AccountBooks, fields: dict[str, Any], memo: Record) -> list[tuple[Record, Decimal]]:
    """Return which invoices are to be lowered by how much; refuse another customer's, and more than they have left."""
    found = []
    for index, row in enumerate(payload.rows(fields, "apply")):
        path = f"apply.items[{index}]"
        if row.get("apply") is not True:
            continue
        invoice = books.invoices.referred(payload.reference(row, "doc", path=f"{path}.doc"))
        if invoice is None or invoice["entity"]["id"] != memo["entity"]["id"]:
            raise unknown_reference(f"{path}.doc", row["doc"])
        amount = payload.number(row, "amount", path=f"{path}.amount")
        if amount is None or not 0 <= amount <= invoice["amountRemaining"]:
            text = f"The amount due of {invoice['tranId']} is {invoice['amountRemaining']}."
            raise business_rule(text, path=f"{path}.amount")
        found.append((invoice, amount))
    return found
