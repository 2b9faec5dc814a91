"""Whom to tell what about a posting: the exceptions, and the invoice execution that waits for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import ExceptionId
from shared.domain.posting.intent import IntentState, PostingIntent

# What the ledger has otherwise than we said is a person's to close, whatever is found beside it later.
_OF_THE_LEDGER = frozenset({ExceptionCode.POSTING_MISMATCH, ExceptionCode.POSTING_PERIOD_SHIFTED})
MAX_REASON_LENGTH = 500  # an ERP may answer with a page; the exception needs its first sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingAnswer:
    """What the waiting execution gets back. The token lets anyone continue it: never log it."""

    task_token: str = field(repr=False)
    state: IntentState
    erp_number: str
    accounting_period: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingAnnouncement:
    """Everything to be told about one state of one posting. Telling it twice changes nothing."""

    raised: tuple[ExceptionRecord, ...]
    resolved: tuple[ExceptionId, ...]
    resolution: str
    announced_at: datetime
    answers: tuple[PostingAnswer, ...]


def announcement_of(intent: PostingIntent, *, now: datetime) -> PostingAnnouncement:
    """Return what the intent's present state means for others: its open problem, and once settled all the rest."""
    settled = intent.state.settled
    is_open = intent.problem is not None and not intent.awaits_redating
    return PostingAnnouncement(
        raised=(problem_record(intent, intent.problem, now),) if intent.problem and is_open else (),
        resolved=tuple(_resolved(intent)) if settled else (),
        resolution=f"the posting settled as {intent.state}",
        announced_at=now,
        answers=tuple(_answers(intent)) if settled and not intent.answered and not intent.awaits_redating else (),
    )


def _resolved(intent: PostingIntent) -> Iterator[ExceptionId]:
    over = (code for code in intent.raised if code != intent.problem and code not in _OF_THE_LEDGER)
    yield from (exception_id(code, intent.posting_id) for code in over)
    if intent.mends is not None:
        yield intent.mends


def problem_record(intent: PostingIntent, code: ExceptionCode, now: datetime) -> ExceptionRecord:
    return ExceptionRecord(
        exception_id=exception_id(code, intent.posting_id),
        tenant=intent.tenant,
        code=code,
        subject=intent.posting_id,
        message=intent.reason[:MAX_REASON_LENGTH],
        raised_at=now,
        detail={
            "posting_id": intent.posting_id,
            "legal_entity": intent.legal_entity_id,
            "invoice_number": intent.document.human_number,
            "external_ref": intent.external_ref,
            "erp_document": intent.erp_ref.value if intent.erp_ref else "",
            "attempts": str(intent.attempts),
        },
    )


def _answers(intent: PostingIntent) -> Iterator[PostingAnswer]:
    for task_token in intent.task_tokens:
        yield PostingAnswer(
            task_token=task_token,
            state=intent.state,
            erp_number=intent.erp_number or "",
            accounting_period=intent.posted_period or "",
            reason=intent.reason[:MAX_REASON_LENGTH],
        )
