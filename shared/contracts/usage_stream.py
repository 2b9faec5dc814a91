"""The wire between the stages: JSON arrays of rows on accepted-usage and billable-usage, many rows a record."""

from collections.abc import Sequence
from decimal import Decimal

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from shared.domain.identifiers import MeterCode
from shared.domain.time_period import format_instant, parse_instant
from shared.domain.usage.accepted import AcceptedUsage, BillableUsage
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.fingerprint import plain_quantity


class AcceptedRow(TypedDict):
    """One admitted event. Instants are fixed-width UTC text, the quantity is plain decimal text."""

    delivery: str
    received_at: str
    source: str
    id: str
    subject: str
    occurred_at: str
    meter: str
    quantity: str
    unique_key: str | None
    dimensions: list[tuple[str, str]]
    contract: str
    fingerprint: str
    group: int


class BillableRow(AcceptedRow):
    """An admitted event with the account that pays for it; `dimensions` are reduced to the meter's own."""

    customer: str
    contract_id: str
    subscription: str
    product: str
    legal_entity: str
    aggregation: str


_ACCEPTED_ROWS = TypeAdapter(list[AcceptedRow])


def accepted_row(usage: AcceptedUsage) -> AcceptedRow:
    event = usage.event
    return {
        "delivery": str(usage.delivery),
        "received_at": format_instant(usage.received_at),
        "source": event.source,
        "id": event.event_id,
        "subject": event.subject,
        "occurred_at": format_instant(event.occurred_at),
        "meter": event.meter,
        "quantity": plain_quantity(event.quantity),
        "unique_key": event.unique_key,
        "dimensions": list(event.dimensions),
        "contract": event.contract,
        "fingerprint": usage.fingerprint,
        "group": usage.group,
    }


def billable_row(usage: BillableUsage) -> BillableRow:
    return {
        **accepted_row(usage.accepted),
        "dimensions": list(usage.dimensions),
        "customer": usage.customer_id,
        "contract_id": usage.contract_id,
        "subscription": usage.subscription_id,
        "product": usage.product_id,
        "legal_entity": usage.legal_entity_id,
        "aggregation": usage.aggregation.value,
    }


def read_accepted_rows(data: bytes) -> Sequence[AcceptedUsage]:
    """Read a record of accepted-usage; raise ValueError for anything this file does not write."""
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
    )
