"""Resolve a batch against one version of master data, publish what is billable, park the rest, say how far it came."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.exception_record import ExceptionRecord
from shared.domain.identifiers import CatalogVersion, TenantId
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.billable import BillableUsage
from shared.domain.usage.enrichment import Unresolved, enrich
from shared.domain.usage.measurement import meters_by_event
from shared.domain.usage.parked import ParkedEvent, ParkedGroup, parked
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.catalog_versions import CatalogVersions
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.master_data import MasterData
from shared.ports.metrics import Metrics, Unit
from shared.ports.parked_usage import ParkedUsage
from shared.ports.parked_usage_releases import ParkedUsageReleases
from shared.ports.stage_progress import StageProgress
from shared.ports.usage_stream import BillableUsageStream

STAGE = "enrich"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageEnricher:
    tenant: TenantId
    read: Callable[[bytes], Sequence[AcceptedUsage]]
    versions: CatalogVersions
    master_data: MasterData
    billable_usage: BillableUsageStream
    parked: ParkedUsage
    releases: ParkedUsageReleases
    reporter: ExceptionReporter
    progress: StageProgress
    metrics: Metrics
    clock: Clock

    def enrich(self, records: Sequence[StreamRecord]) -> None:
        """Make the whole batch durable, or raise: then it comes again, and repeats change nothing downstream."""
        in_use = self.versions.recent()
        self.metrics.record("MasterDataAge", in_use.age.total_seconds(), Unit.SECONDS)
        version = in_use.version
        billable, waiting = self._resolve(records, version)
        if waiting and version != (latest := self.versions.latest()):
            # Parked under a version that is over, it would have missed the release for the newer one.
            version = latest
            billable, waiting = self._resolve(records, version)

        self.billable_usage.publish_billable(billable)
        if waiting:
            self._park(waiting, version)
        last = records[-1]
        self.progress.record(STAGE, last.shard_id, last.sequence_number, last.arrived_at)

    def _resolve(
        self, records: Sequence[StreamRecord], version: CatalogVersion | None
    ) -> tuple[list[BillableUsage], list[ParkedEvent]]:
        arrivals = [(record, usage) for record in records for usage in self.read(record.data)]
        subjects = self.master_data.accounts_by_subject({usage.event.subject for _, usage in arrivals})
        meters = meters_by_event(self.master_data.meters().values())
        plans = self.master_data.plans(
            {
                subscription.plan_id
                for subject in subjects.values()
                for account in subject.payers.values()
                for contract in account.contracts
                for subscription in contract.subscriptions
            }
        )
        billable: list[BillableUsage] = []
        waiting: list[ParkedEvent] = []
        for record, usage in arrivals:
            subject = subjects.get(usage.event.subject)
            who = subject.at(usage.event.occurred_at) if subject else None
            for outcome in enrich(usage, who=who, meters=meters, plans=plans):
                match outcome:
                    case BillableUsage():
                        billable.append(outcome)
                    case Unresolved():
                        attempt = f"{record.shard_id}:{record.sequence_number}@{version}"
                        waiting.append(parked(usage, outcome, attempt=attempt))
        return billable, waiting

    def _park(self, waiting: Sequence[ParkedEvent], version: CatalogVersion | None) -> None:
        raised_at = self.parked.park(waiting, self.clock.now())
        self.reporter.report(list(self._exceptions(waiting, raised_at)))
        published = self.versions.latest()
        if published is not None and published != version:
            # The release for that version may have looked before these were parked. So this is never remembered.
            self.releases.request(published)

    def _exceptions(
        self, waiting: Sequence[ParkedEvent], raised_at: Mapping[ParkedGroup, datetime]
    ) -> Iterator[ExceptionRecord]:
        """Yield one exception for each group, told by its first event."""
        first = {event.group: event for event in reversed(waiting)}
        for group, event in first.items():
            yield ExceptionRecord(
                exception_id=group.exception_id,
                tenant=self.tenant,
                code=group.code,
                subject=group.about,
                message=event.reason,
                raised_at=raised_at[group],
                detail={"subject": group.subject, "meter": group.meter, "first_delivery": str(event.usage.delivery)},
            )
