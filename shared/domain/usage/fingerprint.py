"""What makes two deliveries the same event, and what makes them contradict each other."""

import json
from decimal import Decimal
from hashlib import blake2b

from shared.domain.identifiers import MeterCode
from shared.domain.money import EXACT
from shared.domain.time_period import format_instant
from shared.domain.usage.event import UsageEvent

IDENTITY_BYTES = 12
CONTENT_BYTES = 4


def identity_hash(source: str, event_id: str) -> bytes:
    """Return the 12 bytes that stand for (source, id). The contract keeps NUL out of both."""
    return blake2b(f"{source}\0{event_id}".encode(), digest_size=IDENTITY_BYTES).digest()


def content_hash(event: UsageEvent) -> bytes:
    """Return the 4 bytes that stand for everything a repeat must carry unchanged."""
    return blake2b(canonical_content(event), digest_size=CONTENT_BYTES).digest()


def fingerprint(event: UsageEvent) -> str:
    """Return identity and content as 32 hex digits."""
    return (identity_hash(event.source, event.event_id) + content_hash(event)).hex()


def measurement_fingerprint(event: UsageEvent, of_event: str, meter: MeterCode) -> str:
    """Return the fingerprint by which what a meter measures of an event is counted once.

    The meter that bears the event's own name counts the event itself. Any other has an identity of its own, made of
    source, id and meter; the content is the event's for all of them.
    """
    if meter == event.meter:
        return of_event
    return meter_identity(event.source, event.event_id, meter).hex() + of_event[2 * IDENTITY_BYTES :]


def meter_identity(source: str, event_id: str, meter: MeterCode) -> bytes:
    """Return the 12 bytes that stand for what a meter of another name measures of the event (source, id)."""
    return identity_hash(source, f"{event_id}\0{meter}")


def canonical_content(event: UsageEvent) -> bytes:
    """Write what was measured in one way only: 1, 1.0 and 1e0 are one quantity, times are UTC, dimensions sorted."""
    content = (
        event.subject,
        format_instant(event.occurred_at),
        event.meter,
        plain_quantity(event.quantity),
        event.unique_key,
        event.dimensions,
    )
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def plain_quantity(quantity: Decimal) -> str:
    """Write a quantity without exponent, trailing zeros or a signed zero."""
    if not quantity:
        return "0"
    return f"{quantity.normalize(EXACT):f}"
