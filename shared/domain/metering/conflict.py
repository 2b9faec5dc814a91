"""One identity, two contents: what is counted stays counted, and a person is told of both."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import TenantId
from shared.domain.metering.log_view import IDENTITY_DIGITS
from shared.domain.metering.slot import FINGERPRINT_BYTES, Log, NumberedSlot, UsageSlot
from shared.domain.metering.tally import UsageRow
from shared.domain.metering.usage_place import UsagePlace
from shared.domain.usage.conflicts import conflict_subject, first_few


@dataclass(frozen=True, slots=True)
class Conflict:
    """The rows of one identity whose content is not the one that was counted at `place`."""

    rows: tuple[UsageRow, ...]
    place: UsagePlace


def place_of(identity: str, log: Log, slots: Iterable[NumberedSlot]) -> UsagePlace | None:
    """Return where in a log an identity (24 hex digits) was counted, or None."""
    sought = bytes.fromhex(identity)
    for slot in slots:
        if isinstance(slot.content, UsageSlot) and _holds(slot.content, sought):
            return UsagePlace(bucket=log.bucket, slot=slot.number, late=log.late, deliveries=slot.content.deliveries)
    return None


def _holds(slot: UsageSlot, identity: bytes) -> bool:
    found = slot.fingerprints.find(identity)
    while found >= 0 and found % FINGERPRINT_BYTES:
        found = slot.fingerprints.find(identity, found + 1)
    return found >= 0


def by_identity(rows: Sequence[UsageRow]) -> Iterator[tuple[str, tuple[UsageRow, ...]]]:
    """Yield each identity with its rows, in order of first appearance."""
    found: dict[str, list[UsageRow]] = {}
    for row in rows:
        found.setdefault(row["fingerprint"][:IDENTITY_DIGITS], []).append(row)
    for identity, members in found.items():
        yield identity, tuple(members)


def conflict_exception(conflict: Conflict, *, tenant: TenantId, raised_at: datetime) -> ExceptionRecord:
    """Describe a conflict by the facts of what was not counted and by the place of what was. `raised_at` is UTC."""
    row, place = conflict.rows[0], conflict.place
    subject = conflict_subject(row["source"], row["id"])
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.USAGE_CONFLICT, subject),
        tenant=tenant,
        code=ExceptionCode.USAGE_CONFLICT,
        subject=subject,
        message="an event with this source and id is counted, and another one with other content came",
        raised_at=raised_at,
        detail={
            "not_counted": first_few([other["delivery"] for other in conflict.rows]),
            "customer": row["customer"],
            "subject": row["subject"],
            "meter": row["meter"],
            "quantity": row["quantity"],
            "occurred_at": row["occurred_at"],
            "counted_in": f"{place.bucket.key(tenant)}{' late' if place.late else ''} slot {place.slot}",
            "counted_among": place.deliveries,
        },
    )
