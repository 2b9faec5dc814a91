"""The lines of a journal in Business Central's fields, and as its batches and its ledger show them.

The text of each line ends with its number and how many there are ("… [2/3]"): so a part of a journal, and a journal
that was posted twice, can be told from a whole one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from shared.adapters.erp.business_central.company import Row
from shared.adapters.erp.business_central.documents import dimension_lines
from shared.adapters.erp.customer_key import customer_key
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Currency, Money, exact_sum
from shared.domain.posting.journal import Journal, JournalLine
from shared.domain.posting.outcome import ErpRef, LookupFailed, PostedDocument

_MARK: Final = re.compile(r".* \[([0-9]+)/([0-9]+)\]", re.DOTALL)
_IDENTITY: Final = ("accountType", "accountNumber", "documentNumber", "postingDate", "description")


def line_fields(journal: Journal, line: JournalLine, entity: LegalEntity) -> dict[str, object]:
    account = entity.erp.account(line.account)
    of_customer = line.customer_id is not None and account == entity.erp.receivable_account
    return {
        # Nobody posts to the account of receivables itself: its entries are those of customers.
        "accountType": "Customer" if of_customer else "G/L Account",
        "accountNumber": customer_key(line.customer_id) if of_customer and line.customer_id else account,
        "postingDate": journal.posting_date.isoformat(),
        "documentNumber": journal.external_ref,
        "externalDocumentNumber": journal.external_ref,
        "amount": line.amount.amount,  # debit positive
        "description": f"{line.text} [{line.line_no}/{len(journal.lines)}]",
        "comment": f"{journal.human_number}, {journal.posting_id}",
        **dimension_lines(line.dimensions, entity),
    }


def expected_lines(journal: Journal, entity: LegalEntity) -> list[dict[str, object]]:
    return [line_fields(journal, line, entity) for line in journal.lines]


def foreign_to(expected: Sequence[Row], held: Sequence[Row]) -> str:
    """Return in words how the lines of a batch are not those of a journal; "" when they are."""
    ours, theirs = Counter(map(_identity, expected)), Counter(map(_identity, held))
    strange, missing = theirs - ours, ours - theirs
    if not strange and not missing:
        return ""
    return f"{strange.total()} lines of the batch are not of this journal, {missing.total()} of its own are missing"


def is_whole(held: Sequence[Row]) -> bool:
    """Whether lines of a batch, or entries, have every number of a journal at least once."""
    marks = [mark for row in held if (mark := _mark(row))]
    return bool(marks) and {number for number, _ in marks} == set(range(1, marks[0][1] + 1))


def postings_of(entries: Sequence[Row]) -> list[str]:
    """Name each posting of a journal by an entry of it: every posting has each line once on its account."""
    by_line: dict[tuple[tuple[int, int], str], list[str]] = {}
    for row in entries:
        mark = _mark(row)
        if mark is not None:
            by_line.setdefault((mark, str(row.get("accountNumber"))), []).append(f"entry {row.get('entryNumber')}")
    of_one_line = max(by_line.values(), key=len, default=[])
    return of_one_line or [f"entry {row.get('entryNumber')}" for row in entries[:1]]


def as_posted(external_ref: str, entries: Sequence[Row], unit: Currency) -> PostedDocument | LookupFailed:
    return _reading(external_ref, entries, [row.get("debitAmount", 0) for row in entries], unit, posted=True)


def as_drafted(external_ref: str, lines: Sequence[Row], unit: Currency) -> PostedDocument | LookupFailed:
    debits = [row["amount"] for row in lines if Decimal(row.get("amount", 0)) > 0]
    return _reading(external_ref, lines, debits, unit, posted=False)


def _reading(
    external_ref: str, rows: Sequence[Row], debits: Sequence[Any], unit: Currency, *, posted: bool
) -> PostedDocument | LookupFailed:
    try:
        total = Money(exact_sum(Decimal(debit) for debit in debits), unit)
        days = {date.fromisoformat(str(row["postingDate"])) for row in rows}
        return PostedDocument(
            ref=ErpRef(external_ref),
            external_ref=external_ref,
            number=external_ref,
            posted=posted,
            accounting_period="/".join(sorted({day.strftime("%Y-%m") for day in days})),
            net=total,
            tax=Money.zero(unit),
            gross=total,
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        return LookupFailed(f"the journal cannot be read: {type(error).__name__}")


def _identity(row: Row) -> tuple[str, ...]:
    amount = str(Decimal(str(row.get("amount", 0))).normalize())
    return (amount, *(str(row.get(name)) for name in _IDENTITY))


def _mark(row: Row) -> tuple[int, int] | None:
    found = _MARK.fullmatch(str(row.get("description", "")))
    return (int(found[1]), int(found[2])) if found else None
