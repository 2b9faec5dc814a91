"""Put back the parked usage that can go on, and close the exception of whatever no longer waits."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from shared.domain.identifiers import CatalogVersion, PlanId
from shared.domain.master_data.catalog import Plan
from shared.domain.master_data.subjects import SubjectAccounts
from shared.domain.metering.meter import Meter
from shared.domain.usage.enrichment import Unresolved, enrich
from shared.domain.usage.measurement import meters_by_event
from shared.domain.usage.parked import OpenGroup, ParkedEvent, ParkedGroup, parked
from shared.domain.usage.resolvable import resolvable_times
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.master_data import MasterData
from shared.ports.parked_usage import ParkedUsage
from shared.ports.parked_usage_releases import ParkedUsageReleases
from shared.ports.usage_stream import AcceptedUsageStream

MAX_RELEASED_A_RUN = 20_000  # within the function's time-out; the rest is for the next message
_EVENTS_A_CHUNK = 500
_GROUPS_A_PAGE = 100

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedUsageReleaser:
    master_data: MasterData
    parked: ParkedUsage
    accepted_usage: AcceptedUsageStream
    releases: ParkedUsageReleases
    reporter: ExceptionReporter
    clock: Clock
    most: int = MAX_RELEASED_A_RUN

    def release(self) -> int:
        """Put back on accepted-usage whatever the published version resolves; return how many deliveries.

        A group goes back in the order in which its events happened. Only events of times that the version may resolve
        are read. An event that now waits for another reason goes back, too: enrichment parks it under that reason.
        Verdict and arrival of an event stay what they were. Stopped anywhere and done again, it repeats deliveries
        that the ledger counts once.
        """
        version = self.master_data.version()
        if version is None:
            return 0
        released = 0
        for page in _in_pieces(self.parked.open_groups(), _GROUPS_A_PAGE):
            subjects = self.master_data.accounts_by_subject({one.group.subject for one in page})
            for open_group in page:
                released += self._release(open_group.group, subjects.get(open_group.group.subject), released)
                if released >= self.most:
                    self.releases.request(version)
                    return released
                if not self.parked.waits(open_group.group):
                    self._settle(open_group, version)
        return released

    def _release(self, group: ParkedGroup, subject: SubjectAccounts | None, released: int) -> int:
        """Return how many of the group were put back; `released` were before it, which counts against the bound."""
        meters, plans = tuple(self.master_data.meters().values()), self._plans_of(subject)
        look = _Look(group, subject, meters, plans)
        put_back = 0
        for within in resolvable_times(group, subject, meters=meters, plans=plans):
            for chunk in _in_pieces(self.parked.parked(group, within), _EVENTS_A_CHUNK):
                ready = [event for event in chunk if not look.still_waits(event)]
                self.accepted_usage.publish_accepted([event.usage for event in ready])
                self.parked.mark_released(ready)
                put_back += len(ready)
                if released + put_back >= self.most:
                    return put_back
        return put_back

    def _plans_of(self, subject: SubjectAccounts | None) -> Mapping[PlanId, Plan]:
        payers = subject.payers.values() if subject else ()
        return self.master_data.plans(
            {one.plan_id for payer in payers for contract in payer.contracts for one in contract.subscriptions}
        )

    def _settle(self, open_group: OpenGroup, version: CatalogVersion) -> None:
        settled_at = self.parked.settle(open_group, self.clock.now())
        if settled_at is None:
            return  # more was parked meanwhile, and its exception stays
        resolution = f"released by master data {version}"
        self.reporter.resolve(open_group.group.exception_id, resolution, settled_at)
        self.parked.close(open_group, settled_at)


class _Look:
    """One look at a group with one version of master data."""

    def __init__(
        self,
        group: ParkedGroup,
        subject: SubjectAccounts | None,
        meters: Iterable[Meter],
        plans: Mapping[PlanId, Plan],
    ) -> None:
        self._group = group
        self._subject = subject
        self._meters = meters_by_event(meters)
        self._plans = plans

    def still_waits(self, event: ParkedEvent) -> bool:
        """Whether an event would be parked in this very group again."""
        who = self._subject.at(event.usage.event.occurred_at) if self._subject else None
        return any(
            parked(event.usage, outcome, attempt=event.attempt).group == self._group
            for outcome in enrich(event.usage, who=who, meters=self._meters, plans=self._plans)
            if isinstance(outcome, Unresolved)
        )


def _in_pieces(items: Iterable[Item], length: int) -> Iterator[list[Item]]:
    remaining = iter(items)
    while piece := list(islice(remaining, length)):
        yield piece
