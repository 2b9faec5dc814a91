"""creditMemo: created once per external id, in the ledger at once, applied to the invoices it names."""

from simulators.erp.general_ledger import credit_memo_lines
from simulators.erp.netsuite.applications import apply, read_applications, total_of
from simulators.erp.netsuite.books import AccountBooks, Record
from simulators.erp.netsuite.dialect import business_rule
from simulators.erp.netsuite.invoices import KNOWN, entry_of, read_document
from simulators.http.exchange import Call

INVOICE_ONLY = frozenset({"dueDate", "approvalStatus"})


def create_credit_memo(books: AccountBooks, call: Call) -> tuple[Record, list[str]]:
    """Return the stored record, applied to the invoices it names, and warnings of names that were ignored."""
    known = (KNOWN - INVOICE_ONLY) | {"apply", "autoApply"}
    memo, lines, warnings = read_document(books, call, books.credit_memos, known=known, prefix="CM")
    applications = read_applications(books, call.json_object(), customer_id=memo["entity"]["id"])
    applied = total_of(applications)
    if applied > memo["total"]:
        raise business_rule("You cannot apply more than the amount of the credit memo.", path="apply")
    apply(books, applications, by=memo)
    state = "A" if applied < memo["total"] else "B"  # open, fully applied
    memo |= {
        "status": {"id": state, "refName": {"A": "Open", "B": "Fully Applied"}[state]},
        "applied": applied,
        "unapplied": memo["total"] - applied,
    }
    books.ledger.post(entry_of(books, memo, lines, credit_memo_lines))
    books.credit_memos.add(memo)
    return memo, warnings
