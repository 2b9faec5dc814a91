"""What a tax intent's next state is, given what its engine answered, and whom to tell. Pure: time comes in as a value.

Nothing is ever given up: an accounting period is not closed before every document of it is recorded, and recording
again is safe, so a refusal is tried again as well, seldom, until somebody has mended its cause.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import ExceptionId
from shared.domain.tax.intent import TaxIntent, TaxIntentState
from shared.domain.tax.outcome import (
    Frozen,
    Recorded,
    Recording,
    TaxAuthFailed,
    TaxRefused,
    TaxUnavailable,
    TaxUncertain,
)

FIRST_BACK_OFF = timedelta(seconds=30)
MAX_BACK_OFF = timedelta(hours=1)
AUTH_BACK_OFF = timedelta(minutes=15)
REFUSAL_BACK_OFF = timedelta(hours=1)
ATTEMPTS_BEFORE_AN_EXCEPTION = 3  # of attempts without an answer: one or two of them are everyday life
MAX_REASON_LENGTH = 500


def concluded(intent: TaxIntent, outcome: Recording, *, now: datetime) -> TaxIntent:  # noqa: PLR0911 - one for each answer
    """Return what an attempt has come to."""
    tried = replace(intent, version=intent.version + 1, attempts=intent.attempts + 1)
    match outcome:
        case Recorded(tax=tax):
            said = intent.document.tax
            if tax is None or said is None or tax == said:
                return _recorded(tried, None, "", now)
            reason = f"the tax engine makes it {tax}, the document says {said}"
            return _recorded(tried, ExceptionCode.TAX_MISMATCH, reason, now)
        case Frozen(text=text):
            return _recorded(tried, ExceptionCode.TAX_FROZEN, text, now)
        case TaxRefused(code=code, text=text):
            return _open(tried, ExceptionCode.TAX_REFUSED, f"{code}: {text}", now + REFUSAL_BACK_OFF)
        case TaxAuthFailed(text=text):
            return _open(tried, ExceptionCode.TAX_AUTH_FAILED, text, now + AUTH_BACK_OFF)
        case TaxUnavailable(reason=reason, retry_after_seconds=seconds):
            delay = max(_back_off(tried), timedelta(seconds=seconds or 0))
            return _open(tried, _after_patience(tried), reason, now + delay)
        case TaxUncertain(reason=reason):
            unanswered = replace(tried, state=TaxIntentState.UNKNOWN)
            return _open(unanswered, _after_patience(tried), reason, now + _back_off(tried))
        case _ as never:
            assert_never(never)


def asked_for_again(intent: TaxIntent, *, until: datetime) -> TaxIntent:
    """Return an intent after the relay put it on the queue once more."""
    return replace(intent, version=intent.version + 1, due_at=until)


def problem_of(intent: TaxIntent, *, now: datetime) -> ExceptionRecord | None:
    """Return the exception that is open about an intent as it is now."""
    if intent.problem is None:
        return None
    return ExceptionRecord(
        exception_id=exception_id(intent.problem, intent.tax_intent_id),
        tenant=intent.tenant,
        code=intent.problem,
        subject=intent.tax_intent_id,
        message=intent.reason,
        raised_at=now,
        detail={
            "operation": intent.operation,
            "legal_entity": intent.legal_entity_id,
            "accounting_period": intent.accounting_period,
            "document_code": intent.document.code,
            "document_number": intent.document.number,
            "attempts": str(intent.attempts),
        },
    )


def settled_exceptions(intent: TaxIntent) -> tuple[ExceptionId, ...]:
    """Return the exceptions that have no cause any more: all but the open one, once the engine has the document."""
    if intent.is_open:
        return ()
    return tuple(exception_id(code, intent.tax_intent_id) for code in intent.raised if code != intent.problem)


def _recorded(tried: TaxIntent, problem: ExceptionCode | None, reason: str, now: datetime) -> TaxIntent:
    return _with_problem(replace(tried, state=TaxIntentState.RECORDED), problem, reason, now)


def _open(tried: TaxIntent, problem: ExceptionCode | None, reason: str, due_at: datetime) -> TaxIntent:
    return _with_problem(tried, problem, reason, due_at)


def _with_problem(intent: TaxIntent, problem: ExceptionCode | None, reason: str, due_at: datetime) -> TaxIntent:
    raised = intent.raised if problem is None or problem in intent.raised else (*intent.raised, problem)
    return replace(intent, problem=problem, raised=raised, reason=reason[:MAX_REASON_LENGTH], due_at=due_at)


def _after_patience(tried: TaxIntent) -> ExceptionCode | None:
    return ExceptionCode.TAX_UNAVAILABLE if tried.attempts >= ATTEMPTS_BEFORE_AN_EXCEPTION else None


def _back_off(tried: TaxIntent) -> timedelta:
    doublings = min(tried.attempts - 1, 10)  # a power of thousands would overflow long after the maximum
    return min(FIRST_BACK_OFF * (1 << doublings), MAX_BACK_OFF)
