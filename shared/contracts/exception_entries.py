"""What a message of the exceptions queue says: written by whoever raises or closes; `exceptions` reads it."""

from shared.domain.exception_record import ExceptionRecord
from shared.domain.resolution import Resolution
from shared.domain.time_period import format_instant

_LONGEST_TEXT = 1_000


def raise_entry(record: ExceptionRecord) -> dict[str, object]:
    """Write what a message's `raise` holds for one record."""
    return {
        "exception_id": record.exception_id,
        "tenant": record.tenant,
        "code": record.code.value,
        "subject": record.subject,
        "message": _shortened(record.message),
        "raised_at": format_instant(record.raised_at),
        "detail": {name: _shortened(fact) for name, fact in record.detail.items()},
    }


def resolve_entry(closed: Resolution) -> dict[str, object]:
    """Write what a message's `resolve` holds for one resolution."""
    return {
        "exception_id": closed.exception_id,
        "tenant": closed.tenant,
        "resolution": _shortened(closed.resolution),
        "resolved_at": format_instant(closed.resolved_at),
    }


def _shortened(text: str) -> str:
    """Keep texts for people readable; identities are never cut."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."
