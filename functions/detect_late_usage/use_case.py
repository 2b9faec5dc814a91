"""Late usage that no invoice has read or will read: told to a person once per customer, meter and late slot."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.identifiers import TenantId
from shared.domain.metering.aggregate import WindowKey
from shared.domain.metering.late_usage import UnbilledUsage, late_after_issue
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.reading import SlotsRead, UsageManifest
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
        """Report late usage that no invoice will take any more; return how many exceptions that makes. `now` is UTC."""
        records = late_after_issue(self._unbilled(now), tenant=self.tenant)
        if records:
            self.reporter.report(records)
        return len(records)

    def _unbilled(self, now: datetime) -> Iterator[UnbilledUsage]:
        closed: dict[WindowKey, tuple[tuple[UsageManifest, ...], ...]] = {}
        for late in self._late_slots(now):
            for usage in late.windows():
                if usage.key not in closed:
                    closed[usage.key] = self.manifests.of_closed_billing(usage.key)
                if any(not _have_read(manifests, late.place) for manifests in closed[usage.key]):
                    yield UnbilledUsage(late, usage)

    def _late_slots(self, now: datetime) -> Iterator[LateSlot]:
        period = Period(now - LOOK_BACK, None)
        for version in self.layout.versions_in(period):
            for group in range(version.groups):
                yield from self.logs.late_slots(version.version, group, period)


def _have_read(manifests: Iterable[UsageManifest], place: SlotsRead) -> bool:
    return any(manifest.has_read_late(place) for manifest in manifests)
