"""Turn what lies in dead-letter queues into exceptions that someone owns."""

from datetime import datetime

from shared.domain.dead_letter import DeadLetter
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import TenantId
from shared.ports.dead_letters import DeadLetters
from shared.ports.exceptions import ExceptionReporter


def record_dead_letters(
    seen_at: datetime, *, tenant: TenantId, dead_letters: DeadLetters, reporter: ExceptionReporter
) -> int:
    """Open one exception per message and return how many messages there were.

    A message that still lies there after its exception was closed opens it again, because it is later than that.
    """
    records = [_exception(letter, seen_at, tenant) for letter in dead_letters.peek()]
    reporter.report(records)
    return len(records)


def _exception(letter: DeadLetter, seen_at: datetime, tenant: TenantId) -> ExceptionRecord:
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.DEAD_LETTER, letter.subject),
        tenant=tenant,
        code=ExceptionCode.DEAD_LETTER,
        subject=letter.subject,
        message=f"a message of {letter.queue} failed until its receives were used up",
        raised_at=seen_at,
        detail={"queue": letter.queue},
    )
