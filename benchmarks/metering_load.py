"""The load of the metering benchmark: 20,000 deliveries of 18,973 events, 200 customers, 5 meters, one hour."""

import base64
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from shared.contracts.usage_stream import BillableRow
from shared.domain.identifiers import MeterCode
from shared.domain.metering.layout import BucketLayout
from shared.domain.time_period import format_instant
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.fingerprint import fingerprint, plain_quantity

DELIVERIES, UNIQUE, CUSTOMERS, METERS = 20_000, 18_973, 200, 5
EVENTS_AN_INVOCATION = 1_000
PACKED_RECORD_BYTES = 200_000
SHARD = "shardId-000000000000"
_FIRST_SEQUENCE = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898
START = datetime(2026, 1, 15, 10, tzinfo=UTC)
LAYOUT = BucketLayout.parse(
    '[{"version":1,"valid_from":"1970-01-01T00:00:00.000000Z","groups":4,"slice_minutes":1440}]'
)


def billable_rows() -> list[BillableRow]:
    """Return the deliveries as enrichment passes them on, about 600 bytes each, with repeats near and far."""
    random = Random(20_260_115)
    rows = [_row(random, number) for number in range(UNIQUE)]
    for row in random.sample(rows, DELIVERIES - UNIQUE):
        rows.insert(random.randrange(len(rows)), row)
    return rows


def _row(random: Random, number: int) -> BillableRow:
    occurred_at = START + timedelta(microseconds=number * 3_600_000_000 // UNIQUE + random.randrange(5_000_000))
    customer = f"cust-{random.randrange(CUSTOMERS):04d}"
    usage = UsageEvent(
        source="urn:acme:api-gateway",
        event_id=str(UUID(int=random.getrandbits(128), version=4)),
        subject=customer,
        occurred_at=occurred_at,
        meter=MeterCode(f"meter-{random.randrange(METERS)}"),
        quantity=Decimal(random.randrange(1, 5_000)),
        unique_key=None,
        dimensions=(("region", "eu"),),
        contract="usage:2",
    )
    return {
        "delivery": str(Delivery(SHARD, str(_FIRST_SEQUENCE + number), 0)),
        "received_at": format_instant(occurred_at + timedelta(seconds=1)),
        "source": usage.source,
        "id": usage.event_id,
        "subject": usage.subject,
        "occurred_at": format_instant(occurred_at),
        "meter": usage.meter,
        "quantity": plain_quantity(usage.quantity),
        "unique_key": None,
        "dimensions": list(usage.dimensions),
        "contract": "usage:2",
        "fingerprint": fingerprint(usage),
        "group": LAYOUT.home(usage.subject, occurred_at).group,
        "customer": customer,
        "contract_id": f"{customer}-2026",
        "subscription": f"{customer}-api",
        "product": "api",
        "legal_entity": "acme-de",
        "used_by": customer,
        "region": "eu-west",
        "entitlement": "entitled",
        "aggregation": "sum",
    }


def invocations(texts: list[str], *, packed: bool) -> list[bytes]:
    """Return the bytes of each invocation: one event a record, or arrays of rows up to the packed size."""
    batches = [texts[start : start + EVENTS_AN_INVOCATION] for start in range(0, len(texts), EVENTS_AN_INVOCATION)]
    return [_envelope(_pack(batch) if packed else batch, number) for number, batch in enumerate(batches)]


def _pack(texts: list[str]) -> list[str]:
    packed: list[list[str]] = [[]]
    for text in texts:
        if sum(map(len, packed[-1])) + len(text) > PACKED_RECORD_BYTES:
            packed.append([])
        packed[-1].append(text)
    return [f"[{','.join(one)}]" for one in packed]


def _envelope(texts: list[str], batch: int) -> bytes:
    records = [
        {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "0",
                "sequenceNumber": str(_FIRST_SEQUENCE + batch * EVENTS_AN_INVOCATION + n),
                "data": base64.b64encode(text.encode()).decode(),
                "approximateArrivalTimestamp": START.timestamp() + batch,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{SHARD}:{_FIRST_SEQUENCE + batch * EVENTS_AN_INVOCATION + n}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::123456789012:role/aggregate-usage",
            "awsRegion": "eu-central-1",
            "eventSourceARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/billable-usage",
        }
        for n, text in enumerate(texts)
    ]
    return json.dumps({"Records": records}).encode()
