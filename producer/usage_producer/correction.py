"""Events that correct one other event, made to be sent as any event is. Guide: docs/guides/corrections.md."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from usage_producer.event import InvalidUsageError, UsageEvent, check_text, check_time, encode, instant_text
from usage_producer.identity import event_id

VOIDED, AMENDED = "usage.voided", "usage.amended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """An event as it was sent: what tells it from all others, and the subject and time that say where it is counted.

    `id` is what it was sent with: `event_id(source, record_key, meter)` for one of this client's. `occurred_at` has an
    offset.
    """

    source: str
    id: str
    subject: str
    occurred_at: datetime

    def __post_init__(self) -> None:
        check_text("source", self.source)
        check_text("id", self.id)
        check_text("subject", self.subject)
        check_time("occurred_at", self.occurred_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageVoid:
    """Says that an original does not count. Made by `void`; its id depends on the original alone."""

    original: Original
    reason: str

    def __post_init__(self) -> None:
        check_text("reason", self.reason)

    @property
    def source(self) -> str:
        return self.original.source

    @property
    def id(self) -> str:
        return event_id(self.source, self.original.id, VOIDED)

    @property
    def subject(self) -> str:
        return self.original.subject

    def encoded(self) -> bytes:
        """Return the CloudEvent as JSON in UTF-8. Equal voids give equal bytes."""
        return encode(
            {
                "specversion": "1.0",
                "id": self.id,
                "source": self.source,
                "type": VOIDED,
                "subject": self.subject,
                "time": instant_text(self.original.occurred_at),
                "data": {"id": self.original.id, "reason": self.reason},
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageAmendment:
    """Says that an original does not count, and what counts instead. Made by `amend`.

    Its id depends on the original alone, so that one original cannot be replaced twice: another amendment of it is in
    conflict with the first one. Amend or void the amendment instead.
    """

    original: Original
    usage: UsageEvent
    reason: str

    def __post_init__(self) -> None:
        check_text("reason", self.reason)
        if self.usage.source != self.original.source:
            raise InvalidUsageError("the usage is of another source than its original: void that, and send the usage")

    @property
    def source(self) -> str:
        return self.original.source

    @property
    def id(self) -> str:
        return event_id(self.source, self.original.id, AMENDED)

    @property
    def subject(self) -> str:
        return self.usage.subject

    @property
    def occurred_at(self) -> datetime:
        return self.usage.occurred_at

    def encoded(self) -> bytes:
        """Return the CloudEvent as JSON in UTF-8. Equal amendments give equal bytes."""
        return encode(self.usage.cloud_event() | {"id": self.id, "type": AMENDED, "data": self._data()})

    def _data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"id": self.original.id, "reason": self.reason, "usage": self.usage.data()}
        if self.original.subject != self.subject:
            data["subject"] = self.original.subject
        if self.original.occurred_at != self.occurred_at:
            data["time"] = instant_text(self.original.occurred_at)
        return data


Event: TypeAlias = UsageEvent | UsageVoid | UsageAmendment
Correctable: TypeAlias = UsageEvent | UsageAmendment | Original


def void(original: Correctable, *, reason: str) -> UsageVoid:
    """Make the event that takes an original back; `reason` is for people. Sent again, it changes nothing.

    Raises InvalidUsageError for what ingest would refuse.
    """
    return UsageVoid(original=_named(original), reason=reason)


def amend(original: Correctable, usage: UsageEvent, *, reason: str) -> UsageAmendment:
    """Make the event that counts instead of an original, and says what `usage` says: what should have been sent.

    `usage` may be made from the same record: the amendment has an id of its own. `reason` is for people. Raises
    InvalidUsageError for what ingest would refuse, and for usage of another source.
    """
    return UsageAmendment(original=_named(original), usage=usage, reason=reason)


def _named(original: Correctable) -> Original:
    return Original(source=original.source, id=original.id, subject=original.subject, occurred_at=original.occurred_at)
