"""What a usage.heartbeat event says in its data."""

import re
from datetime import timedelta

from shared.contracts.usage_event.envelope import Envelope, read_time
from shared.contracts.usage_event.json_values import NumberText, refuse_unknown, require_text, violation
from shared.domain.time_period import Period
from shared.domain.usage.heartbeat import LONGEST_CLAIM, Heartbeat

_FIELDS = frozenset({"sender", "sent_from", "sent_until", "events"})
_COUNT = re.compile(r"0|[1-9][0-9]{0,14}")


def read_heartbeat(envelope: Envelope) -> Heartbeat:
    """Read a heartbeat; raise ContractError for the first fault. The event's own time says nothing and is not read."""
    data = envelope.data
    refuse_unknown(data, _FIELDS)
    start, end = (read_time(data.get(name), f"data.{name}") for name in ("sent_from", "sent_until"))
    if not timedelta(0) < end - start <= LONGEST_CLAIM:
        violation("data.sent_until is not after data.sent_from, or more than a day after it")
    return Heartbeat(
        source=envelope.source,
        event_id=envelope.event_id,
        sender=require_text(data["sender"], "data.sender") if "sender" in data else "",
        claimed=Period(start, end),
        events=_count(data.get("events")),
    )


def _count(value: object) -> int:
    if type(value) is not NumberText or not _COUNT.fullmatch(value):
        violation("data.events is not a whole number below 1e15")
    return int(value)
