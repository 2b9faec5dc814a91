"""Microsoft.NAV.post of a journal: every line of the batch, whoever wrote it, all or nothing; then it is empty."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import NOTHING_TO_POST, OUTSIDE_OF_WINDOW, business_rule
from simulators.erp.business_central.journals import CUSTOMER, posting_dates
from simulators.erp.business_central.odata import Entity
from simulators.erp.business_central.posting import only_open, settle
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import Entry, EntryLine, journal_line


def post_journal(books: CompanyBooks, journal: Entity, *, period_closed: bool) -> None:
    """Raise a Refusal for a batch without lines, one out of balance, and a date outside of the posting window."""
    if not journal["_lines"]:
        raise business_rule(NOTHING_TO_POST)
    if period_closed or not all(books.allows_posting_on(day) for day in posting_dates(journal)):
        raise business_rule(OUTSIDE_OF_WINDOW)
    documents = _documents(journal["_lines"])
    entries = [_entry(books, lines) for lines in documents]
    paid = [(line["_applies_to"], -line["amount"]) for line in journal["_lines"] if line["_applies_to"] is not None]
    for invoice, amount in paid:
        only_open(invoice, amount)
    for entry in entries:
        books.ledger.post(entry)
    for invoice, amount in paid:
        settle(books, invoice, amount)
    if not journal["_of_payments"]:
        books.posted_journals += [_posted(books, lines) for lines in documents]
    journal["_lines"] = []
    books.changed(journal)


def journal_documents(books: CompanyBooks) -> list[SimulatedDocument]:
    """Return every posted journal document, then those that lie in batches."""
    waiting = [
        _posted(books, lines) | {"posted": False}
        for journal in books.journals.values()
        if not journal["_of_payments"]
        for lines in _documents(journal["_lines"])
    ]
    return [SimulatedDocument(**fields) for fields in (*books.posted_journals, *waiting)]


def _documents(lines: list[Entity]) -> list[list[Entity]]:
    found: defaultdict[tuple[str, str], list[Entity]] = defaultdict(list)
    for line in lines:
        found[line["documentNumber"], line["postingDate"]].append(line)
    return list(found.values())


def _entry(books: CompanyBooks, lines: list[Entity]) -> Entry:
    first = lines[0]
    if not first["documentNumber"]:
        raise business_rule("Document No. must have a value in Gen. Journal Line.")
    sides = tuple(side for line in lines for side in _sides(books, line))
    off = sum((side.amount for side in sides), start=Decimal(0))
    if off:
        raise business_rule(f"Document No. {first['documentNumber']} is out of balance by {off}.")
    return Entry(
        company=books.setup.company,
        posting_date=date.fromisoformat(first["postingDate"]),
        document_number=first["documentNumber"],
        external_ref=first["externalDocumentNumber"],
        customer="",
        currency=books.setup.local_currency,
        lines=sides,
        document_type=" ",
    )


def _sides(books: CompanyBooks, line: Entity) -> list[EntryLine]:
    setup = books.setup
    account = setup.receivable_account if line["accountType"] == CUSTOMER else line["accountNumber"]
    if account in books.blocked_accounts:
        raise business_rule(f"Blocked must be equal to 'No' in G/L Account: No.={account}. Current value is 'Yes'.")
    sides = [journal_line(setup, account=account, amount=line["amount"], text=line["description"])]
    if line["balancingAccountNumber"]:
        sides.append(
            journal_line(
                setup, account=line["balancingAccountNumber"], amount=-line["amount"], text=line["description"]
            )
        )
    return sides


def _posted(books: CompanyBooks, lines: list[Entity]) -> Entity:
    first = lines[0]
    total = sum((line["amount"] for line in lines if line["amount"] > 0), start=Decimal(0))
    return {
        "kind": "journal",
        "company": books.setup.company,
        "document_id": first["journalId"],
        "external_ref": first["externalDocumentNumber"],
        "number": first["documentNumber"],
        "customer": "",
        "status": "",
        "posted": True,
        "accounting_period": first["postingDate"][:7],
        "currency": books.setup.local_currency,
        "net": total,
        "tax": Decimal(0),
        "gross": total,
        "open_amount": Decimal(0),
    }
