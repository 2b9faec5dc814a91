"""Usage as products would send it: acme's API calls, unless a test says otherwise."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from shared.domain.identifiers import MeterCode
from shared.domain.usage.event import Dimensions, UsageEvent
from shared.domain.usage.stream_record import StreamRecord

OCCURRED_AT = datetime(2026, 1, 15, 10, 7, 31, 250_000, tzinfo=UTC)
ARRIVED_AT = datetime(2026, 1, 15, 10, 7, 32, tzinfo=UTC)
SHARD = "shardId-000000000000"


def usage_v2(**changes: Any) -> dict[str, Any]:
    """Return a CloudEvent of contract 2; an attribute given as None is left out."""
    event = {
        "specversion": "1.0",
        "id": "call-1",
        "source": "urn:acme:gateway",
        "type": "usage.recorded",
        "subject": "acme",
        "time": "2026-01-15T10:07:31.25Z",
        "dataschema": "urn:usage-contract:usage:2",
        "data": {"meter": "api_calls", "quantity": 25},
    }
    return {name: value for name, value in (event | changes).items() if value is not None}


def usage_v1(**changes: Any) -> dict[str, Any]:
    """Return a CloudEvent of contract 1."""
    data = {"customer": "acme", "meter": "api_calls", "value": 25}
    return usage_v2(**({"subject": None, "dataschema": "urn:usage-contract:usage:1", "data": data} | changes))


def heartbeat(sent_from: str, sent_until: str, events: object, **changes: Any) -> dict[str, Any]:
    """Return a CloudEvent that claims so many events; `sender` is who counted them, if there is one."""
    data = {"sent_from": sent_from, "sent_until": sent_until, "events": events}
    if "sender" in changes:
        data["sender"] = changes.pop("sender")
    event = {
        "specversion": "1.0",
        "id": "beat-1",
        "source": "urn:acme:gateway",
        "type": "usage.heartbeat",
        "time": sent_until,
        "data": data,
    }
    return {name: value for name, value in (event | changes).items() if value is not None}


def as_bytes(event: object) -> bytes:
    return json.dumps(event).encode()


def a_record(event: object, *, sequence: int = 1, arrived_at: datetime = ARRIVED_AT) -> StreamRecord:
    """Return a record as it arrives: of a CloudEvent, a batch of them, or of bytes as they are."""
    data = event if isinstance(event, bytes) else as_bytes(event)
    return StreamRecord(SHARD, str(sequence), arrived_at, data)


def an_event(
    *,
    event_id: str = "call-1",
    subject: str = "acme",
    occurred_at: datetime = OCCURRED_AT,
    meter: str = "api_calls",
    quantity: str = "25",
    unique_key: str | None = None,
    dimensions: Dimensions = (),
    contract: str = "usage:2",
) -> UsageEvent:
    return UsageEvent(
        source="urn:acme:gateway",
        event_id=event_id,
        subject=subject,
        occurred_at=occurred_at,
        meter=MeterCode(meter),
        quantity=Decimal(quantity),
        unique_key=unique_key,
        dimensions=dimensions,
        contract=contract,
    )
