"""One id, two contents: the one thing that the ledger cannot see across its buckets, found over the archive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.usage.event import Delivery, UsageEvent

# A producer may reuse one id for all that it sends; an exception names enough to look at and fits into its record.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Version:
    """One content of a contradicted id, where it first arrived."""

    delivery: Delivery
    arrived_at: datetime
    event: UsageEvent


def conflict_id(event: UsageEvent) -> ExceptionId:
    return exception_id(ExceptionCode.USAGE_CONFLICT, conflict_subject(event.source, event.event_id))


def conflict_subject(source: str, event_id: str) -> str:
    """Name a conflict, the same whoever finds it."""
    return f"{source} {event_id}"


def conflict_exception(versions: Sequence[Version], tenant: TenantId) -> ExceptionRecord:
    """Describe a conflict. It is as old as its newest version: one more version after a resolution opens it again."""
    event = versions[0].event
    return ExceptionRecord(
        exception_id=conflict_id(event),
        tenant=tenant,
        code=ExceptionCode.USAGE_CONFLICT,
        subject=conflict_subject(event.source, event.event_id),
        message=f"{len(versions)} deliveries with this source and id differ in content",
        raised_at=max(version.arrived_at for version in versions),
        detail={
            "deliveries": first_few([str(version.delivery) for version in versions]),
            "subjects": first_few(sorted({version.event.subject for version in versions})),
        },
    )


def first_few(names: Sequence[str], at_most: int = MOST_NAMED) -> str:
    """Name the first ones, and say how many more there are."""
    rest = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {rest} more" if rest > 0 else "")
