"""Late usage that no issued invoice has read: told to a person once per customer, meter and late slot."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.identifiers import CustomerId, TenantId
from shared.domain.metering.late_usage import UnbilledUsage, late_after_issue
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.reading import UsageManifest
from shared.domain.metering.usage_place import LateSlot
from shared.domain.time_period import Period
from shared.ports.exceptions import ExceptionReporter
from shared.ports.metering_ledger import MeteringLedger
from shared.ports.rated_manifests import RatedManifests

# Far beyond the acceptance horizon: only usage that was parked for a year is older, and the tie-out still shows that.
LOOK_BACK = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateUsageDetector:
    tenant: TenantId
    layout: BucketLayout
    logs: MeteringLedger
    manifests: RatedManifests
    reporter: ExceptionReporter

    def detect(self, now: datetime) -> int:
        """Report late usage beyond what issued invoices read; return how many exceptions that makes. `now` is UTC."""
        records = late_after_issue(self._unbilled(now), tenant=self.tenant)
        if records:
            self.reporter.report(records)
        return len(records)

    def _unbilled(self, now: datetime) -> Iterator[UnbilledUsage]:
        manifests: dict[tuple[CustomerId, datetime], tuple[UsageManifest, ...]] = {}
        for late in self._late_slots(now):
            for usage in late.windows():
                billed = (usage.key.customer_id, usage.key.window_start)
                if billed not in manifests:
                    manifests[billed] = self.manifests.manifests(*billed)
                if not all(manifest.has_read_late(late.place) for manifest in manifests[billed]):
                    yield UnbilledUsage(late, usage)

    def _late_slots(self, now: datetime) -> Iterator[LateSlot]:
        period = Period(now - LOOK_BACK, None)
        for version in self.layout.versions_in(period):
            for group in range(version.groups):
                yield from self.logs.late_slots(version.version, group, period)
