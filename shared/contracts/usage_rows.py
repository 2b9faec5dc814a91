"""The wire between the stages: JSON arrays of rows on accepted-usage and billable-usage, many rows a record.

What is written needs no validator, and whoever only writes starts without one; usage_stream reads.
"""

from typing import TYPE_CHECKING, NotRequired

from typing_extensions import TypedDict

from shared.domain.time_period import format_instant
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.fingerprint import plain_quantity

if TYPE_CHECKING:
    # A name in a signature only: who publishes accepted usage starts without the catalogue.
    from shared.domain.usage.billable import BillableUsage


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
    for_meter: NotRequired[str]


class BillableRow(AcceptedRow):
    """What a meter measures of an admitted event, with the account that pays for it.

    `meter`, `quantity`, `dimensions` and `fingerprint` are those of the measurement. `customer` is billed for what
    `used_by` used in `region` ("" is none); `entitlement` is advice and counts for nothing.
    """

    customer: str
    contract_id: str
    subscription: str
    product: str
    legal_entity: str
    used_by: str
    region: str
    entitlement: str
    aggregation: str


def accepted_row(usage: AcceptedUsage) -> AcceptedRow:
    event = usage.event
    row: AcceptedRow = {
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
    if usage.for_meter is not None:
        row["for_meter"] = usage.for_meter
    return row


def billable_row(usage: "BillableUsage") -> BillableRow:
    measurement = usage.measurement
    return {
        **accepted_row(usage.accepted),
        "meter": measurement.meter.code,
        "quantity": plain_quantity(measurement.quantity),
        "dimensions": list(measurement.dimensions),
        "fingerprint": measurement.fingerprint,
        "customer": usage.customer_id,
        "contract_id": usage.contract_id,
        "subscription": usage.subscription_id,
        "product": usage.product_id,
        "legal_entity": usage.legal_entity_id,
        "used_by": usage.used_by,
        "region": usage.region,
        "entitlement": usage.entitlement.value,
        "aggregation": measurement.meter.aggregation.value,
    }
