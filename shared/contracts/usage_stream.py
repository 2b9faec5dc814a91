"""Read accepted-usage: the rows that usage_rows writes, and nothing else."""

from collections.abc import Sequence
from decimal import Decimal

from pydantic import TypeAdapter

from shared.contracts.usage_rows import AcceptedRow
from shared.domain.identifiers import MeterCode
from shared.domain.time_period import parse_instant
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.event import Delivery, UsageEvent

_ACCEPTED_ROWS = TypeAdapter(list[AcceptedRow])


def read_accepted_rows(data: bytes) -> Sequence[AcceptedUsage]:
    """Read a record of accepted-usage; raise ValueError for anything else."""
    return [_accepted(row) for row in _ACCEPTED_ROWS.validate_json(data)]


def _accepted(row: AcceptedRow) -> AcceptedUsage:
    return AcceptedUsage(
        delivery=Delivery.parse(row["delivery"]),
        received_at=parse_instant(row["received_at"]),
        event=UsageEvent(
            source=row["source"],
            event_id=row["id"],
            subject=row["subject"],
            occurred_at=parse_instant(row["occurred_at"]),
            meter=MeterCode(row["meter"]),
            quantity=Decimal(row["quantity"]),
            unique_key=row["unique_key"],
            dimensions=tuple(row["dimensions"]),
            contract=row["contract"],
        ),
        fingerprint=row["fingerprint"],
        group=row["group"],
        for_meter=MeterCode(row["for_meter"]) if "for_meter" in row else None,
    )
