"""What the stages are built from: the ports of a process, and the settings that all of them share."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.domain.time_period import BillingPeriod
from shared.domain.usage.admission import AcceptanceHorizon

HORIZON = AcceptanceHorizon.of(days=35, future_seconds=300)
SEAL_GRACE = timedelta(hours=1)
PERIOD = BillingPeriod(
    "2026-03", datetime.fromisoformat("2026-03-31T00:00Z"), datetime.fromisoformat("2026-04-01T00:00Z")
)


class Ports(Protocol):
    """What the environment gives to one process of one stage: every port by its name, each call of it watched."""

    tenant: TenantId
    layout: BucketLayout
    accepted_usage: Any
    billable_usage: Any
    reporter: Any
    releases: Any
    contracts: Any
    signs: Any
    corrections: Any
    replays: Any
    archive_pages: Any
    progress: Any
    archive: Any
    master_data: Any
    parked: Any
    logs: Any
    closing: Any
    snapshots: Any
    tails: Any
    holds: Any
    manifests: Any
    exceptions: Any
    clock: Any
