"""One tenant of the world: its streams, queues, stores and functions, and what producers sent to it."""

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from shared.adapters.customer_usage import LedgerCustomerUsage
from shared.contracts.replay import replay_event
from shared.domain.identifiers import CustomerId, TenantId
from shared.domain.metering.layout import BucketLayout
from shared.domain.replay.request import ReplayFilter, ReplayRequest
from shared.domain.time_period import Period
from shared.domain.usage.fingerprint import identity_hash
from tests.fakes.steady_clock import SteadyClock
from tests.simulation.metering.deliveries import Queue, StreamMapping
from tests.simulation.metering.injection import Injector
from tests.simulation.metering.invariants import AtRest
from tests.simulation.metering.master_data import CUSTOMERS, OWNERS, VERSIONS, published_catalogs
from tests.simulation.metering.oracle import Arrival
from tests.simulation.metering.ports import PERIOD, Ports
from tests.simulation.metering.processes import Backend, ProcessPool, ProcessPorts
from tests.simulation.metering.producers import SOURCE, SentEvent, SentRecord
from tests.simulation.metering.stages import QUEUE_STAGES, SCHEDULED_STAGES, STREAM_STAGES
from tests.simulation.metering.stores import Stores
from tests.simulation.metering.streams import Stream
from tests.simulation.metering.tables import SharedTables
from tests.simulation.metering.violations import Violations

_SKEW_SECONDS = 20
EVERYTHING = ReplayFilter()
HORIZON_START = datetime.fromisoformat("2026-01-01T00:00Z")


class Tenant:
    def __init__(
        self,
        name: TenantId,
        clock: SteadyClock,
        tables: SharedTables,
        violations: Violations,
        injector: Injector,
        layout: BucketLayout,
    ) -> None:
        self.name = name
        self.layout = layout
        self.version = 0
        self.arrivals: list[Arrival] = []
        self.sent: list[SentRecord] = []
        streams = {stage.stream: Stream(stage.stream, clock) for stage in STREAM_STAGES}
        queues = {stage.queue: Queue(stage.name) for stage in QUEUE_STAGES}
        self.backend = Backend(
            tenant=name,
            clock=clock,
            streams=streams,
            queues=queues,
            stores=Stores(tables, name, violations),
            published=published_catalogs(),
        )
        self.mappings = [StreamMapping(stage.name, streams[stage.stream]) for stage in STREAM_STAGES]
        builders: dict[str, Callable[[Ports], Callable[[Any], object]]] = {
            stage.name: stage.build for stage in (*STREAM_STAGES, *QUEUE_STAGES, *SCHEDULED_STAGES)
        }
        self.pools = {stage: ProcessPool(stage, build, clock) for stage, build in builders.items()}
        self._injector = injector
        self._replays = 0
        self._times: dict[str, set[Any]] = {}

    def new_ports(self, stage: str) -> Ports:
        return ProcessPorts(stage, self.backend, self.layout, self._injector)

    def send(self, record: SentRecord) -> None:
        """Put a record on usage-events."""
        put = self.backend.streams["usage-events"].put(record.partition_key, record.data)
        self.sent.append(record)
        for index, event in enumerate(record.members):
            self.arrivals.append(Arrival(f"{put.shard_id}:{put.sequence_number}:{index}", put.arrived_at, event))
            if isinstance(event, SentEvent):
                times = self._times.setdefault(event.event_id, set())
                times.add(event.occurred_at)
                if len(times) > 1:
                    self.backend.stores.ledger.contradicted.add(identity_hash(SOURCE, event.event_id))

    def publish(self, version: int) -> None:
        """Publish a catalogue, as sync_master_data does: then everything parked is looked at again."""
        if version <= self.version:
            return
        self.version = version
        self.backend.published.publish(VERSIONS[version])
        body = f'{{"tenant": "{self.name}", "version": "{VERSIONS[version]}"}}'
        self.backend.queues["parked-usage-releases"].send_message(QueueUrl="queue", MessageBody=body)

    def remind(self, queue: str) -> None:
        """Send the message of a schedule, as the Scheduler does."""
        self.backend.queues[queue].send_message(QueueUrl="queue", MessageBody=f'{{"tenant": "{self.name}"}}')

    def ask_replay(self, narrowed: ReplayFilter = EVERYTHING, *, dry_run: bool = False) -> None:
        """Ask for a replay of all that arrived until now, as an operator does who names it anew each time."""
        self._replays += 1
        request = ReplayRequest(
            replay_id=f"r{self._replays}",
            arrived=Period(HORIZON_START, self.backend.clock.now()),
            narrowed=narrowed,
            dry_run=dry_run,
        )
        self.backend.queues["replays"].send_message(QueueUrl="queue", MessageBody=json.dumps(replay_event(request)))

    def deploy(self, layout: BucketLayout, *, retires: datetime) -> None:
        """Give new processes a new configuration; the old ones serve on until an instant."""
        self.layout = layout
        for pool in self.pools.values():
            pool.retire(retires)

    def reshard(self, stream: Stream, chance: random.Random) -> None:
        """Split a shard, or merge two neighbours."""
        shards = sorted(stream.open_shards(), key=lambda shard: shard.first)
        if len(shards) > 1 and chance.random() < 0.5:
            left = chance.randrange(len(shards) - 1)
            stream.merge(shards[left], shards[left + 1])
        else:
            skews = [timedelta(seconds=chance.randint(-_SKEW_SECONDS, _SKEW_SECONDS)) for _ in range(2)]
            stream.split(chance.choice(shards), (skews[0], skews[1]))

    @property
    def period_is_sealed(self) -> bool:
        sealed_through = self.backend.stores.closing.state().sealed_through
        return sealed_through is not None and sealed_through >= PERIOD.end

    @property
    def is_corrected(self) -> bool:
        return any(self.backend.stores.corrections.corrected())

    def issue_invoices(self) -> None:
        """Read the period for every customer once it is sealed, as build_invoice does, and keep the manifests."""
        stores = self.backend.stores
        if not self.period_is_sealed or stores.manifests.issued:
            return
        usage = LedgerCustomerUsage(
            snapshots=stores.snapshots, logs=stores.ledger, closing=stores.closing, layout=self.layout
        )
        for customer in CUSTOMERS:
            subjects = tuple(subject for subject, owner in OWNERS[self.version].items() if owner == customer)
            reading = usage.read(CustomerId(customer), subjects, PERIOD.period)
            stores.manifests.issue(CustomerId(customer), PERIOD.start, PERIOD.end, reading.manifest)

    def at_rest(self) -> AtRest:
        return AtRest(
            backend=self.backend,
            layout=self.layout,
            arrivals=self.arrivals,
            version=self.version,
            now=self.backend.clock.now(),
            released={event.usage.event.event_id for event in self.backend.stores.parked._events.values()},
        )
