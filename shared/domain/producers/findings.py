"""What heartbeats and archive do not agree on, as exceptions: one a source and day, of either kind."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import TenantId
from shared.domain.producers.claims import Mismatch, SourceDay
from shared.domain.usage.conflicts import first_few

CODES = (ExceptionCode.COUNT_MISSING, ExceptionCode.WRONG_HEARTBEAT)
_NAMED = 10


def exceptions_of(
    mismatches: Iterable[Mismatch], owners: Mapping[str, str], tenant: TenantId, as_of: datetime
) -> Iterator[ExceptionRecord]:
    """Yield an exception for each day of a source that has too few events, and for each that has too many."""
    found: defaultdict[tuple[ExceptionCode, SourceDay], list[Mismatch]] = defaultdict(list)
    for mismatch in mismatches:
        code = CODES[0] if mismatch.here < mismatch.claimed else CODES[1]
        found[code, mismatch.period.day].append(mismatch)
    for (code, day), of_day in found.items():
        subject = f"{day.source} {day.day:%Y-%m-%d}"
        events = sum(abs(each.claimed - each.here) for each in of_day)
        wrong = "are not here" if code is ExceptionCode.COUNT_MISSING else "are here that no heartbeat counted"
        yield ExceptionRecord(
            exception_id=exception_id(code, subject),
            tenant=tenant,
            code=code,
            subject=subject,
            message=f"{events} events of {len(of_day)} periods {wrong}",
            raised_at=as_of,
            detail={"owner": owners[day.source], "here": first_few([str(each) for each in of_day], _NAMED)},
        )


def day_of(record: ExceptionRecord) -> SourceDay:
    """Return what an exception of exceptions_of() is about."""
    source, _, day = record.subject.rpartition(" ")
    return SourceDay(source, date.fromisoformat(day))
