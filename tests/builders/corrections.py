"""Voids of acme's API calls, as ingest files them."""

from datetime import datetime

from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.standing_void import FiledVoid
from shared.domain.usage.correction import Original, UsageVoid
from shared.domain.usage.event import Delivery
from tests.builders.metered_usage import LAYOUT, NOON, SHARD


def a_void(
    original: str,
    *,
    delivery: int = 1,
    event_id: str = "",
    subject: str = "acme",
    at: datetime = NOON,
    arrived_at: datetime = NOON,
    reason: str = "a test call",
    amends: bool = False,
    layout: BucketLayout = LAYOUT,
) -> FiledVoid:
    return FiledVoid(
        void=UsageVoid(
            source="urn:acme:gateway",
            event_id=event_id or f"void-{original}",
            original=Original(source="urn:acme:gateway", event_id=original, subject=subject, occurred_at=at),
            reason=reason,
        ),
        amends=amends,
        delivery=Delivery(SHARD, f"9{delivery:03d}", 0),
        arrived_at=arrived_at,
        bucket=layout.home(subject, at),
    )
