"""Names of postings: that of an issued document, and those of the postings that replace it once it is refused.

An invoice's first posting is c-acme/2026-03/r1, a credit note's c-acme/2026-03/r1/credit/sla-7. The ones that replace
it are called the same with /p2, /p3 and so on behind. A journal's is journal=accrual-7, which no invoice can have.
Of an invoice we make journal=accrual=c-acme=2026-03=r1 and journal=reversal=..., which nobody can prepare.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from shared.domain.identifiers import InvoiceId, JournalId, PostingId
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.journal import Document, Journal

_NAME = re.compile(
    r"(?P<first>journal=(?P<journal>[^/]+)|"
    r"(?P<invoice>(?!journal=)[^/]+/[^/]+)(?:/r(?P<revision>[1-9][0-9]*)(?:/credit/(?P<request>[^/]+))?)?)"
    r"(?:/p(?P<number>[1-9][0-9]*))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedName:
    """An issued invoice, or with a `request_id` a credit note of it; `number` is the N of /pN, of any other name 1."""

    invoice_id: InvoiceId
    revision: int
    request_id: str | None
    number: int = 1

    @property
    def first_posting(self) -> PostingId:
        invoice = f"{self.invoice_id}/r{self.revision}"
        return PostingId(invoice if self.request_id is None else f"{invoice}/credit/{self.request_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalName:
    """A journal; `number` is the N of /pN, of any other name 1."""

    journal_id: JournalId
    number: int = 1

    @property
    def first_posting(self) -> PostingId:
        return PostingId(f"journal={self.journal_id}")


PostedName: TypeAlias = IssuedName | JournalName


def posted_name(text: str) -> PostedName:
    """Read what `issued_name` reads, or the id of any posting of a journal. Raises ValueError for anything else."""
    found = _NAME.fullmatch(text)
    if found is not None and found["journal"] is not None:
        return JournalName(journal_id=JournalId(found["journal"]), number=int(found["number"] or 1))
    if found is None:
        example = "as c-acme/2026-03/r1 or journal=accrual-2026-03 would"
        raise ValueError(f"{text!r} names no invoice, no credit note and no journal, {example}")
    return issued_name(text)


def issued_name(text: str) -> IssuedName:
    """Read an invoice's id, with or without its revision, a credit note's id, or the id of any posting of theirs.

    Raises ValueError for anything else. Without a revision it is the first.
    """
    found = _NAME.fullmatch(text)
    if found is None or found["invoice"] is None:
        raise ValueError(f"{text!r} names no invoice and no credit note, as c-acme/2026-03/r1 would")
    return IssuedName(
        invoice_id=InvoiceId(found["invoice"]),
        revision=int(found["revision"] or 1),
        request_id=found["request"],
        number=int(found["number"] or 1),
    )


def accrual_name(posting_id: PostingId) -> JournalName:
    """Name the journal that accrues the revenue of an invoice, given any posting of it."""
    return _made_of(posting_id, "accrual")


def reversal_name(posting_id: PostingId) -> JournalName:
    """Name the journal that takes the accrual of an invoice back."""
    return _made_of(posting_id, "reversal")


def _made_of(posting_id: PostingId, what: str) -> JournalName:
    # No id of a contract and no journal of a person has "=" in it, so no two of these are called the same.
    return JournalName(journal_id=JournalId("=".join((what, *first_posting(posting_id).split("/")))))


def comes_after(document: Document) -> PostingId | None:
    """Return the posting that has to be in the ledger first.

    That is a memo's invoice, a reversal's original, and of an accrual the invoice whose revenue it accrues.
    """
    if isinstance(document, Journal):
        return document.reverses or _accrued_by(document.posting_id)
    if document.kind is not DocumentKind.CREDIT_MEMO:
        return None
    memo = issued_name(document.posting_id)
    return IssuedName(invoice_id=memo.invoice_id, revision=memo.revision, request_id=None).first_posting


def _accrued_by(journal: PostingId) -> PostingId | None:
    name = posted_name(journal)
    what, *invoice = name.journal_id.split("=") if isinstance(name, JournalName) else ("",)
    return PostingId("/".join(invoice)) if what == "accrual" and invoice else None


def first_posting(posting_id: PostingId) -> PostingId:
    """Return the posting that a document was issued with, given any posting of it."""
    found = _NAME.fullmatch(posting_id)
    return PostingId(found["first"]) if found else posting_id


def next_posting(posting_id: PostingId) -> PostingId:
    """Return the posting that takes the place of another."""
    found = _NAME.fullmatch(posting_id)
    number = int(found["number"] or 1) if found else 1
    return PostingId(f"{first_posting(posting_id)}/p{number + 1}")
