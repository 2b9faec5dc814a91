"""Events that correct one other event: what usage.voided and usage.amended say in their data."""

from dataclasses import replace
from typing import Any

from shared.contracts.usage_event.envelope import AMENDED, Envelope, read_time
from shared.contracts.usage_event.json_values import refuse_unknown, require_object, require_text, violation
from shared.domain.usage.correction import Original, UsageVoid

_FIELDS = frozenset({"id", "source", "subject", "time", "reason"})
_FIELDS_OF_AMENDED = _FIELDS | {"usage"}


def amended_usage(envelope: Envelope) -> Envelope:
    """Return the event that counts instead: the amending one with its corrected usage for its data."""
    return replace(envelope, data=require_object(envelope.data.get("usage"), "data.usage"))


def read_void(envelope: Envelope, subject: object) -> UsageVoid:
    """Read what a correcting event voids. `subject` is the event's own: the original's too unless data says otherwise.

    So is its time, and its source.
    """
    data = envelope.data
    refuse_unknown(data, _FIELDS_OF_AMENDED if envelope.type == AMENDED else _FIELDS)
    void = UsageVoid(
        source=envelope.source,
        event_id=envelope.event_id,
        original=Original(
            source=_text(data, "source", envelope.source),
            event_id=require_text(data.get("id"), "data.id"),
            subject=_text(data, "subject", subject),
            occurred_at=read_time(data["time"]) if "time" in data else envelope.occurred_at,
        ),
        reason=require_text(data.get("reason"), "data.reason"),
    )
    if (void.source, void.event_id) == (void.original.source, void.original.event_id):
        violation("the event names itself as the one to correct")
    return void


def _text(data: dict[str, Any], name: str, otherwise: object) -> str:
    return require_text(data[name], f"data.{name}") if name in data else require_text(otherwise, name)
