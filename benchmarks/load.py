"""The load of the metering benchmarks: deliveries of events with repeats near and far, as enrichment passes them on."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from shared.contracts.usage_rows import BillableRow
from shared.domain.identifiers import MeterCode
from shared.domain.metering.layout import BucketLayout
from shared.domain.time_period import format_instant
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.fingerprint import fingerprint, plain_quantity

METERS = 5
PACKED_RECORD_BYTES = 200_000
LARGEST_INVOCATION_BYTES = 6_000_000  # what Lambda takes, base64 included
SHARD = "shardId-000000000000"
_FIRST_SEQUENCE = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898
START = datetime(2026, 1, 15, 10, tzinfo=UTC)
# One lane as the sizing guide lays it out: its group alone, and slices of an hour at this traffic.
LAYOUT = BucketLayout.parse('[{"version":1,"valid_from":"1970-01-01T00:00:00.000000Z","groups":1,"slice_minutes":60}]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """So many events of so many customers and five meters, evenly over a span from START on; 5.4 % come twice."""

    events: int = 18_973
    deliveries: int = 20_000
    customers: int = 200
    span: timedelta = timedelta(hours=1)

    def texts(self) -> list[str]:
        """Return the rows as they stand on the stream, about 600 bytes each."""
        random = Random(20_260_115)
        rows = [json.dumps(_row(random, number, self), separators=(",", ":")) for number in range(self.events)]
        repeats = Random(19)
        for row in repeats.sample(rows, self.deliveries - self.events):
            rows.insert(repeats.randrange(len(rows)), row)
        return rows


def _row(random: Random, number: int, load: Load) -> BillableRow:
    occurred_at = START + number * load.span / load.events + timedelta(microseconds=random.randrange(5_000_000))
    customer = f"cust-{random.randrange(load.customers):05d}"
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


def one_a_record(texts: Sequence[str], *, events: int) -> list[bytes]:
    """Return the bytes of invocations of so many texts, each a record of its own."""
    return [envelope(batch, number) for number, batch in enumerate(cut(texts, events))]


def as_rows(texts: Sequence[str]) -> list[str]:
    """Return each event as a record of one row, as our stream has it; the peers read bare events."""
    return [f"[{text}]" for text in texts]


def packed(texts: Sequence[str], *, events: int) -> list[bytes]:
    """Return the bytes of invocations of so many events, in records as enrichment packs them."""
    return [envelope(list(pack(batch)), number) for number, batch in enumerate(cut(texts, events))]


def largest(texts: Sequence[str]) -> int:
    """Return how many packed events the largest invocation holds."""
    in_a_thousand = len(packed(texts, events=1_000)[0])
    return LARGEST_INVOCATION_BYTES * 1_000 // in_a_thousand


def cut(texts: Sequence[str], events: int) -> Iterator[Sequence[str]]:
    return (texts[start : start + events] for start in range(0, len(texts), events))


def pack(texts: Sequence[str]) -> Iterator[str]:
    record: list[str] = []
    size = 0
    for text in texts:
        if size + len(text) > PACKED_RECORD_BYTES:
            yield f"[{','.join(record)}]"
            record, size = [], 0
        record.append(text)
        size += len(text)
    yield f"[{','.join(record)}]"


def envelope(texts: Sequence[str], batch: int, *, start: datetime = START) -> bytes:
    """Return an invocation of these records, the so many-th: it arrives that many seconds after the start."""
    first = _FIRST_SEQUENCE + batch * 100_000
    records = [
        {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "0",
                "sequenceNumber": str(first + number),
                "data": base64.b64encode(text.encode()).decode(),
                "approximateArrivalTimestamp": start.timestamp() + batch,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{SHARD}:{first + number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::123456789012:role/aggregate-usage",
            "awsRegion": "eu-central-1",
            "eventSourceARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/billable-usage",
        }
        for number, text in enumerate(texts)
    ]
    return json.dumps({"Records": records}).encode()
