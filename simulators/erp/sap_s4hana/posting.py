"""Brings a journal entry into the books: checked as a whole, in the ledger at once or not at all.

No reference is unique: the same entry sent twice is booked twice.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from xml.etree.ElementTree import Element

from simulators.erp.general_ledger import Entry, EntryLine
from simulators.erp.sap_s4hana.books import AccountingDocument, CompanyBooks, Item
from simulators.erp.sap_s4hana.entry_items import currencies, read_items
from simulators.erp.sap_s4hana.messages import ERROR, Message, NotPostedError, locked, period_closed, unbalanced
from simulators.erp.sap_s4hana.request_schema import day_of, text_of
from simulators.http.faults import Fault

ITEMS_MAX = 999
OWN_SYSTEM = "0M4SMVI"
SENDABLE_TYPES = frozenset({"DR", "DG", "SA"})


def post_entry(
    books_of: Mapping[str, CompanyBooks], entry: Element, *, fault: Fault | None
) -> tuple[CompanyBooks, AccountingDocument, list[Message]]:
    """Return the document and what is noteworthy about it; raises NotPostedError."""
    company = text_of(entry, "CompanyCode")
    books = books_of.get(company)
    if books is None:
        raise NotPostedError(Message("165(F5)", f"Company code {company} does not exist"))
    if fault is Fault.OBJECT_LOCKED:
        raise NotPostedError(locked(text_of(entry, "DebtorItem/Debtor") or text_of(entry, "Item/GLAccount")))
    items, messages = read_items(books, entry)
    errors = [message for message in messages if message.severity == ERROR]
    errors += _misfits(books, entry, items, closed=fault is Fault.CLOSED_PERIOD)
    if not errors:
        errors += _off_balance(entry, items)
    if errors:
        raise NotPostedError(*errors)
    document = _document(books, entry, items)
    if fault is Fault.REFERENCE_REPLACED:
        document.original_reference = f"{document.number}{company}{document.fiscal_year}"
        document.logical_system = OWN_SYSTEM
    enter(books, document)
    return books, document, messages


def _document(books: CompanyBooks, entry: Element, items: list[Item]) -> AccountingDocument:
    document_type = text_of(entry, "AccountingDocumentType")
    return AccountingDocument(
        number=books.next_number(document_type),
        type=document_type,
        document_reference=text_of(entry, "DocumentReferenceID").upper(),
        original_reference=text_of(entry, "OriginalReferenceDocument").upper(),
        logical_system=text_of(entry, "OriginalReferenceDocumentLogicalSystem").upper(),
        header_text=text_of(entry, "DocumentHeaderText"),
        document_date=day_of(entry, "DocumentDate"),
        posting_date=day_of(entry, "PostingDate"),
        currency=currencies(entry).pop(),
        created_by=text_of(entry, "CreatedByUser").upper(),
        created_at=books.now(),
        items=items,
    )


def _misfits(books: CompanyBooks, entry: Element, items: list[Item], *, closed: bool) -> Iterator[Message]:
    """Check type and period. A document with a customer's item needs the period open for customers as well."""
    document_type = text_of(entry, "AccountingDocumentType")
    if document_type not in SENDABLE_TYPES:
        yield Message("814(F5)", f"Document type {document_type} is not defined")
    day = day_of(entry, "PostingDate")
    for account_type in sorted({item.account_type for item in items}):
        if closed or not books.is_open(account_type, day):
            yield period_closed(f"{day.month:03d}", f"{day.year:04d}", account_type)


def enter(books: CompanyBooks, document: AccountingDocument) -> None:
    """Add a document to the books and the ledger; raises UnbalancedEntryError."""
    roles = books.setup.chart()
    books.ledger.post(
        Entry(
            company=books.setup.company,
            posting_date=document.posting_date,
            document_number=document.number,
            external_ref=document.document_reference,
            customer=next((item.customer for item in document.customer_items()), ""),
            currency=document.currency,
            lines=tuple(
                EntryLine(role=roles[item.account], account=item.account, amount=item.amount)
                for item in document.items
                if item.amount
            ),
            document_type=document.type,
        )
    )
    books.documents.append(document)


def _off_balance(entry: Element, items: list[Item]) -> Iterator[Message]:
    used = currencies(entry)
    if len(items) > ITEMS_MAX:
        yield Message("727(F5)", f"A document has at most {ITEMS_MAX} items")
    if not items:
        yield Message("003(RW)", "The document has no items")
    elif len(used) > 1:
        yield Message("023(RW)", f"One document in the currencies {', '.join(sorted(used))}")
    elif sum(item.amount for item in items):
        yield unbalanced(used.pop())
    local = [item.local_amount for item in items if item.local_amount is not None]
    if local and (len(local) < len(items) or sum(local, start=Decimal(0))):
        yield Message("023(RW)", "FI/CO interface: Balance in company code currency")
