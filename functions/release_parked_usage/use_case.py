"""Resolve parked usage again, put back what can go on, and close the exception of whatever no longer waits."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from shared.domain.identifiers import CatalogVersion
from shared.domain.usage.enrichment import Unresolved, enrich
from shared.domain.usage.measurement import meters_by_event
from shared.domain.usage.parked import OpenGroup, ParkedEvent, ParkedGroup, parked
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.master_data import MasterData
from shared.ports.parked_usage import ParkedUsage
from shared.ports.parked_usage_releases import ParkedUsageReleases
from shared.ports.usage_stream import AcceptedUsageStream

MAX_RELEASED_A_RUN = 20_000  # within the function's time-out; the rest is for the next message
_EVENTS_A_CHUNK = 500


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

        An event that now waits for another reason goes back, too: enrichment parks it under that reason. Verdict and
        arrival of an event stay what they were. Stopped anywhere and done again, it repeats deliveries that the
        ledger counts once.
        """
        version = self.master_data.version()
        if version is None:
            return 0
        released = 0
        for open_group in self.parked.open_groups():
            left, put_back = self._release(open_group.group, self.most - released)
            released += put_back
            if released >= self.most:
                self.releases.request(version)
                break
            if not left:
                self._settle(open_group, version)
        return released

    def _release(self, group: ParkedGroup, most: int) -> tuple[int, int]:
        """Return how many of the group were looked at and still wait, and how many were put back."""
        still_waits = self._judge(group)
        left = put_back = 0
        for chunk in _chunks(self.parked.parked(group)):
            ready = [event for event in chunk if not still_waits(event)]
            self.accepted_usage.publish_accepted([event.usage for event in ready])
            self.parked.mark_released(ready)
            left += len(chunk) - len(ready)
            put_back += len(ready)
            if put_back >= most:
                break
        return left, put_back

    def _judge(self, group: ParkedGroup) -> Callable[[ParkedEvent], bool]:
        subject = self.master_data.accounts_by_subject({group.subject}).get(group.subject)
        contracts = (
            [contract for account in subject.payers.values() for contract in account.contracts] if subject else []
        )
        meters = meters_by_event(self.master_data.meters().values())
        plans = self.master_data.plans({one.plan_id for contract in contracts for one in contract.subscriptions})

        def still_waits(event: ParkedEvent) -> bool:
            who = subject.at(event.usage.event.occurred_at) if subject else None
            outcomes = enrich(event.usage, account=who.account if who else None, meters=meters, plans=plans)
            return any(
                parked(event.usage, outcome, attempt=event.attempt).group == group
                for outcome in outcomes
                if isinstance(outcome, Unresolved)
            )

        return still_waits

    def _settle(self, open_group: OpenGroup, version: CatalogVersion) -> None:
        settled_at = self.parked.settle(open_group, self.clock.now())
        if settled_at is None:
            return  # more was parked meanwhile, and its exception stays
        resolution = f"released by master data {version}"
        self.reporter.resolve(open_group.group.exception_id, resolution, settled_at)
        self.parked.close(open_group, settled_at)


def _chunks(events: Iterable[ParkedEvent]) -> Iterator[list[ParkedEvent]]:
    remaining = iter(events)
    while chunk := list(islice(remaining, _EVENTS_A_CHUNK)):
        yield chunk
