"""Processes of a tenant's functions: each has caches and a configuration of its own, and may die."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.adapters.kinesis.usage_publisher import UsagePublisher
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.sqs.parked_usage_releases import QueuedParkedUsageReleases
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.ports.clock import Clock
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.steady_clock import SteadyClock
from tests.simulation.metering.deliveries import Queue
from tests.simulation.metering.injection import Injected, Injector
from tests.simulation.metering.master_data import MasterDataOfProcess, PublishedContracts
from tests.simulation.metering.ports import Ports
from tests.simulation.metering.stores import PagesOfArchive, Stores
from tests.simulation.metering.streams import Stream, StreamClient, StreamTailsOf

MOST_PROCESSES = 3
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Backend:
    """What all processes of a tenant share."""

    tenant: TenantId
    clock: SteadyClock
    streams: Mapping[str, Stream]
    queues: Mapping[str, Queue]
    stores: Stores
    published: InMemoryMasterData


class ProcessPorts:
    """The ports of one process of a stage (see stages.Ports). An adapter that only wraps a client has a watched one."""

    def __init__(self, stage: str, backend: Backend, layout: BucketLayout, injector: Injector) -> None:
        def watched(name: str, port: object) -> Any:
            return Injected(f"{stage}.{name}", port, injector)

        def publisher(name: str, stream: str) -> UsagePublisher:
            client = watched(name, StreamClient(backend.streams[stream]))
            return UsagePublisher(client, stream, pause=_no_pause)

        stores, queues = backend.stores, backend.queues
        self.tenant = backend.tenant
        self.layout = layout
        self.accepted_usage = publisher("accepted_usage", "accepted-usage")
        self.billable_usage = publisher("billable_usage", "billable-usage")
        self.reporter = QueuedExceptionReporter(watched("reporter", queues["exceptions"]), "queue", self.tenant)
        self.releases = QueuedParkedUsageReleases(
            watched("releases", queues["parked-usage-releases"]), "queue", self.tenant
        )
        self.progress = watched("progress", stores.progress)
        self.archive = watched("archive", stores.archive)
        self.master_data = watched("master_data", MasterDataOfProcess(backend.published))
        self.parked = watched("parked", stores.parked)
        self.logs = watched("logs", stores.ledger)
        self.closing = watched("closing", stores.closing)
        self.snapshots = watched("snapshots", stores.snapshots)
        self.tails = watched("tails", StreamTailsOf(backend.streams))
        self.holds = watched("holds", stores.holds)
        self.manifests = watched("manifests", stores.manifests)
        self.exceptions = watched("exceptions", stores.exceptions)
        self.contracts = watched("contracts", PublishedContracts(backend.published))
        self.signs = watched("signs", stores.signs)
        self.corrections = watched("corrections", stores.corrections)
        self.replays = watched("replays", stores.replays)
        self.archive_pages = watched("archive_pages", PagesOfArchive(stores.archive))
        self.clock = backend.clock


@dataclass(slots=True, eq=False)
class Process:
    """One warm environment. `work` is the stage's use case; `users` are the invocations that run in it.

    After `retires` it takes no invocation any more.
    """

    work: Callable[[Any], object]
    users: int = 0
    retires: datetime = _NEVER


class ProcessPool:
    """The processes of one stage. After a deployment the old ones serve on until they retire."""

    def __init__(self, stage: str, build: Callable[[Ports], Callable[[Any], object]], clock: Clock) -> None:
        self.stage = stage
        self._build = build
        self._clock = clock
        self._processes: list[Process] = []

    def acquire(
        self, new_ports: Callable[[str], Ports], chance: random.Random, *, cold: float, shared: float
    ) -> Process:
        """Return a process for an invocation: mostly an idle one, else a new one.

        `shared` is the chance to run in one that is busy, as threads of one process would. Lambda does not do that;
        what survives it needs no such promise.
        """
        self._processes = [one for one in self._processes if self._clock.now() < one.retires]
        busy = [one for one in self._processes if one.users]
        idle = [one for one in self._processes if not one.users]
        if busy and chance.random() < shared:
            process = chance.choice(busy)
        elif idle and (len(self._processes) >= MOST_PROCESSES or chance.random() >= cold):
            process = chance.choice(idle) if cold else idle[0]
        else:
            process = Process(self._build(new_ports(self.stage)))
            self._processes.append(process)
        process.users += 1
        return process

    @property
    def is_busy(self) -> bool:
        return any(process.users for process in self._processes)

    def discard(self, process: Process) -> None:
        if process in self._processes:
            self._processes.remove(process)

    def retire(self, instant: datetime) -> None:
        """Have the processes there are take no invocation from an instant on, however late anybody looks."""
        for process in self._processes:
            process.retires = min(process.retires, instant)

    def start_another(self, new_ports: Callable[[str], Ports]) -> None:
        """Have a cold process take the next invocation; the others keep what they know."""
        self._processes.insert(0, Process(self._build(new_ports(self.stage))))

    def swap(self) -> None:
        """Have the process that was busy longest ago take the next invocation."""
        self._processes.reverse()


def _no_pause(_: float) -> None:
    """Virtual time passes between calls, not within them."""
