"""One id, two contents: the one thing that the ledger cannot see across its buckets, found over the archive."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.fingerprint import IDENTITY_BYTES, content_hash, identity_hash

# A producer may reuse one id for all that it sends; an exception names enough to look at and fits into its record.
MOST_NAMED = 20


@dataclass(slots=True)
class ContentByIdentity:
    """Remembers the content of every id that was seen, in 16 bytes each, and which ids came with another one."""

    _contents: dict[bytes, bytes] = field(default_factory=dict)
    contradicted: set[bytes] = field(default_factory=set)

    def see(self, fingerprint: bytes) -> None:
        identity, content = fingerprint[:IDENTITY_BYTES], fingerprint[IDENTITY_BYTES:]
        if self._contents.setdefault(identity, content) != content:
            self.contradicted.add(identity)


@dataclass(frozen=True, slots=True)
class Version:
    """One content of a contradicted id, where it first arrived."""

    delivery: Delivery
    arrived_at: datetime
    event: UsageEvent


def contradictions(versions: Iterable[Version], contradicted: Collection[bytes]) -> Iterator[tuple[Version, ...]]:
    """Yield, for each contradicted identity, the first arrival of each of its contents."""
    found: dict[bytes, dict[bytes, Version]] = {identity: {} for identity in contradicted}
    for version in versions:
        contents = found.get(identity_hash(version.event.source, version.event.event_id))
        if contents is not None:
            contents.setdefault(content_hash(version.event), version)
    return (tuple(contents.values()) for contents in found.values() if len(contents) > 1)


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


def first_few(names: Sequence[str]) -> str:
    """Name the first ones, and say how many more there are."""
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
