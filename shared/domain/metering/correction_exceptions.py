"""What a person must know of a void that does not do what it says."""

from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.metering.standing_void import StandingVoid
from shared.domain.time_period import format_instant
from shared.domain.usage.conflicts import conflict_subject, first_few

_MESSAGES = {
    ExceptionCode.CORRECTION_WITHOUT_ORIGINAL: "no event with this source, id, subject and time was counted",
    ExceptionCode.CORRECTION_REFUSED: "the event with this source and id has another subject or time",
    ExceptionCode.CORRECTION_WAITS: "the archive does not have what is needed to take the event back",
    ExceptionCode.CORRECTION_CONFLICT: "several events amend this one, and all of them count",
}


def correction_exception_id(void: StandingVoid, code: ExceptionCode) -> ExceptionId:
    return exception_id(code, _subject(void))


def correction_exception(
    void: StandingVoid, code: ExceptionCode, *, tenant: TenantId, raised_at: datetime
) -> ExceptionRecord:
    """Describe what has become of a void, with the corrections that say it. `raised_at` is UTC."""
    return ExceptionRecord(
        exception_id=correction_exception_id(void, code),
        tenant=tenant,
        code=code,
        subject=_subject(void),
        message=_MESSAGES[code],
        raised_at=raised_at,
        detail={
            "corrections": first_few([conflict_subject(one.void.source, one.void.event_id) for one in void.filed]),
            "deliveries": first_few([str(one.delivery) for one in void.filed]),
            "reason": void.filed[0].void.reason,
        },
    )


def _subject(void: StandingVoid) -> str:
    original = void.original
    named = conflict_subject(original.source, original.event_id)
    return f"{named} of {original.subject} at {format_instant(original.occurred_at)}"
