"""What converters hand out: usage events by the contract, and the lines that could not become any."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

CONTRACT = "urn:usage-contract:usage:2"
NAME_CHARACTERS_MAX = 256
QUANTITY_LIMIT = Decimal(10) ** 15
DECIMALS_MAX = 18


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line (numbered from 1) that is no usage, and why."""

    number: int
    reason: str


OnRefused = Callable[[RefusedLine], None]


class NotUsageError(ValueError):
    """One line cannot become usage events; the message says why."""


def usage_event(
    *, event_id: str, source: str, subject: str, occurred_at: datetime, meter: str, quantity: Decimal
) -> dict[str, object]:
    """Return one CloudEvent of contract 2; quantities travel as text, so that no digit is lost."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": "usage.recorded",
        "subject": subject,
        "time": occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "dataschema": CONTRACT,
        "data": {"meter": meter, "quantity": format(quantity, "f")},
    }


def checked_subject(text: str) -> str:
    """Return the name of who used it; raise NotUsageError for one that no event can carry."""
    if not 0 < len(text) <= NAME_CHARACTERS_MAX or not text.isprintable():
        raise NotUsageError(f"the subject must have 1 to {NAME_CHARACTERS_MAX} printable characters")
    return text


def checked_quantity(text: str, *, name: str) -> Decimal:
    """Read a decimal of at least zero; raise NotUsageError for anything else."""
    try:
        quantity = Decimal(text.strip())
    except ArithmeticError as error:
        raise NotUsageError(f"{name} is no number: {text[:40]!r}") from error
    if not quantity.is_finite() or not 0 <= quantity < QUANTITY_LIMIT:
        raise NotUsageError(f"{name} must be at least 0 and below 1e15: {text[:40]!r}")
    if -int(quantity.as_tuple().exponent) > DECIMALS_MAX:
        raise NotUsageError(f"{name} has more than {DECIMALS_MAX} decimals: {text[:40]!r}")
    return quantity
