"""Revenue of a closed month, accrued in it: what an invoice bills of a service whose month takes no invoices any more.

Two journals of ours, made of the posted invoice alone: the accrual on the last day of that month, and its reversal on
the day that the invoice is posted on. Together they move the revenue, and nothing is left on the account between them.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.master_data.catalog import LegalEntity, revenue_of
from shared.domain.money import Money, total
from shared.domain.posting.accounting_period import first_day_after
from shared.domain.posting.announcement import PostingAnnouncement
from shared.domain.posting.document import PostingDocument, PostingLine, external_ref
from shared.domain.posting.intent import PostingIntent, new_intent
from shared.domain.posting.journal import Journal, JournalLine
from shared.domain.posting.journal_approval import JournalRefusedError, require_postable
from shared.domain.posting.lookups import recheck_due
from shared.domain.posting.names import JournalName, accrual_name, reversal_name
from shared.domain.posting.transitions import Step, take

UNBILLED_RECEIVABLES = "unbilled_receivables"  # our name of the account between both journals


class NotAccruableError(Exception):
    """The revenue of the month cannot be accrued by us; the text says why."""


class Accrual(NamedTuple):
    """Both are sent, or none is; the reversal once the accrual is in the ledger."""

    accrual: PostingIntent
    reversal: PostingIntent


def last_day_served(document: PostingDocument) -> date | None:
    """Return the last day of the last month before that of its posting in which a service of an invoice has ended.

    Services of still earlier months came late to it: they are revenue of the month that it is posted in.
    """
    first = document.posting_date.replace(day=1)
    ended = [line.service_to for line in document.lines if line.amount.amount and line.service_to < first]
    return first_day_after(max(ended)) - timedelta(days=1) if ended else None


def is_moved_out_of(document: PostingDocument, month_end: date) -> bool:
    """Say whether an invoice is dated in a month, or before it, and was posted later: the month did not take it."""
    return document.document_date <= month_end < document.posting_date


def accrual_of(posted: PostingIntent, month_end: date, entity: LegalEntity, *, now: datetime) -> Accrual:
    """Return both journals of a posted invoice. Raises NotAccruableError."""
    document = _invoice(posted)
    if posted.posted_period != document.accounting_period:
        raise NotAccruableError(f"the ERP has the invoice in {posted.posted_period}, not in its own month")
    longer = [line for line in _of_month(document, month_end) if line.service_from < month_end.replace(day=1)]
    if longer:
        raise NotAccruableError(f"line {longer[0].line_no} is for a service since {longer[0].service_from}")
    lines = tuple(_lines(document, month_end, entity))
    if not lines:
        raise NotAccruableError("all that it bills of the month comes to nothing")
    accrual = _journal(document, accrual_name(posted.posting_id), month_end, lines)
    back = tuple(replace(line, amount=-line.amount, text=_text(document, month_end, "Reversal")) for line in lines)
    name = reversal_name(posted.posting_id)
    reversal = replace(
        _journal(document, name, document.posting_date, back),
        human_number=f"{document.human_number}-REV",
        reverses=accrual.posting_id,
    )
    first = replace(new_intent(accrual, created_at=now), due_at=now)
    try:
        require_postable(accrual, entity, None)
        require_postable(reversal, entity, first)
    except JournalRefusedError as error:
        raise NotAccruableError(str(error)) from error
    return Accrual(first, replace(new_intent(reversal, created_at=now), due_at=now))


def seen_to(posted: PostingIntent, *, now: datetime) -> PostingIntent:
    """Return a posted invoice whose accrual is booked, or is nobody's but a person's."""
    return take(Step.LOOK_AGAIN, posted, accrues=False, due_at=recheck_due(posted, now=now))


def not_accrued(posted: PostingIntent, month_end: date, reason: str, *, now: datetime) -> PostingAnnouncement:
    """Return what a person is told of revenue that is in a later month than its service."""
    document = _invoice(posted)
    revenue = total((line.amount for line in _of_month(document, month_end)), document.net.currency)
    record = ExceptionRecord(
        exception_id=exception_id(ExceptionCode.REVENUE_NOT_ACCRUED, posted.posting_id),
        tenant=posted.tenant,
        code=ExceptionCode.REVENUE_NOT_ACCRUED,
        subject=posted.posting_id,
        message=(
            f"{revenue} of {document.human_number} for {month_end:%Y-%m} are revenue of"
            f" {posted.posted_period or document.accounting_period}: {reason}"
        ),
        raised_at=now,
        detail={
            "legal_entity": posted.legal_entity_id,
            "invoice_number": document.human_number,
            "service_month": f"{month_end:%Y-%m}",
            "accounting_period": document.accounting_period,
            "revenue": str(revenue),
        },
    )
    return PostingAnnouncement(raised=(record,), resolved=(), resolution="", announced_at=now, answers=())


def _journal(document: PostingDocument, name: JournalName, day: date, lines: tuple[JournalLine, ...]) -> Journal:
    return Journal(
        tenant=document.tenant,
        posting_id=name.first_posting,
        external_ref=external_ref(tenant=document.tenant, posting_id=name.first_posting),
        legal_entity_id=document.legal_entity_id,
        human_number=f"{document.human_number}-ACC",
        document_date=day,
        posting_date=day,
        text=lines[0].text,
        lines=lines,
    )


def _lines(document: PostingDocument, month_end: date, entity: LegalEntity) -> Iterator[JournalLine]:
    """Yield what is unbilled, then the revenue of each line, in the currency of the books.

    At the invoice's own rate: another one a day later would leave a difference between both journals.
    """
    text = _text(document, month_end, "Accrual")
    amounts = [(line, _in_books(line.amount, document)) for line in _of_month(document, month_end)]
    unbilled = total((amount for _, amount in amounts), entity.functional_currency)
    sides = [(UNBILLED_RECEIVABLES, unbilled, ())] + [
        (revenue_of(line.product_id), -amount, line.dimensions) for line, amount in amounts
    ]
    booked = ((account, amount, dimensions) for account, amount, dimensions in sides if amount.amount)
    for number, (account, amount, dimensions) in enumerate(booked, start=1):
        yield JournalLine(line_no=number, account=account, amount=amount, text=text, dimensions=dimensions)


def _of_month(document: PostingDocument, month_end: date) -> Iterator[PostingLine]:
    """Yield the lines of services that ended in a month."""
    return (line for line in document.lines if month_end.replace(day=1) <= line.service_to <= month_end)


def _in_books(amount: Money, document: PostingDocument) -> Money:
    return document.rate.converted(amount) if document.rate is not None else amount


def _text(document: PostingDocument, month_end: date, what: str) -> str:
    return f"{what} {month_end:%Y-%m}, {document.human_number}"


def _invoice(posted: PostingIntent) -> PostingDocument:
    assert isinstance(posted.document, PostingDocument), "only invoices are accrued"
    return posted.document
