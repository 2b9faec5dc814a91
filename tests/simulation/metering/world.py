"""The world of one history: a virtual clock, tenants with their streams, queues and processes, and what happens next.

Single process, no threads, no waiting: what runs at the same time runs nested, inside a call that is slow.
"""

import hashlib
import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from tests.fakes.steady_clock import SteadyClock
from tests.simulation.metering.deliveries import Message, Queue, StreamMapping
from tests.simulation.metering.faults import Died, Faults
from tests.simulation.metering.injection import Injector
from tests.simulation.metering.processes import Process, ProcessPool
from tests.simulation.metering.stages import ScheduledStage, void
from tests.simulation.metering.tables import SharedTables
from tests.simulation.metering.tenant import Tenant
from tests.simulation.metering.violations import InvariantViolatedError, Violations

START = datetime.fromisoformat("2026-03-31T16:00Z")
LAYOUT = BucketLayout.parse(
    '[{"version": 1, "valid_from": "1970-01-01T00:00:00.000000Z", "groups": 2, "slice_minutes": 240}]'
)
MOST_STEPS = 20_000  # of a history of some dozens of events; more is a loop
MOST_NESTED = 2
A_STEP = timedelta(seconds=2)
# Mistakes of the program; a service does not raise these.
_BUGS = (TypeError, AttributeError, NameError, AssertionError, NotImplementedError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How the environment of a history behaves when it does no harm. Calm by default: whole batches, in order."""

    most_records: int = 10_000
    eager: float = 1.0  # to deliver what is there, rather than let time pass
    cold: float = 0.0
    shared: float = 0.0
    twice: float = 0.0  # a message, or a schedule, comes twice
    others: int = 0  # steps of others while a call is slow; 0: everything that is there


@dataclass(slots=True)
class Invocation:
    """What runs now. `lose` ends its lease, `again` is what the environment does when it hears nothing."""

    lose: Callable[[], None]
    again: Callable[[], None]


class World:
    def __init__(self, seed: int, *, faults: Faults, habits: Habits, tenants: Sequence[str] = ("nimbus",)) -> None:
        self.chance = random.Random(seed)
        self.habits = habits
        self.clock = SteadyClock(START)
        self.trace: list[str] = []
        self.violations = Violations()
        self.tables = SharedTables(self.violations)
        self.injector = Injector(faults, self.note, self._meanwhile)
        self.tenants = [
            Tenant(TenantId(name), self.clock, self.tables, self.violations, self.injector, LAYOUT) for name in tenants
        ]
        self._agenda: list[tuple[datetime, int, str, Callable[[], None]]] = []
        self._asked = 0
        self._steps = 0
        self._running: list[Invocation] = []
        self._noted_at: datetime | None = None
        self._noted_as = ""

    def note(self, what: str) -> None:
        if self.clock.instant is not self._noted_at:
            self._noted_at, self._noted_as = self.clock.instant, f"{self.clock.instant:%dT%H:%M:%S}"
        self.trace.append(f"{self._noted_as} {len(self._running)} {what}")

    def digest(self) -> str:
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()

    def at(self, instant: datetime, name: str, action: Callable[[], None]) -> None:
        """Put something on the agenda."""
        self._asked += 1
        heapq.heappush(self._agenda, (instant, self._asked, name, action))

    def pass_time(self, time: timedelta) -> None:
        self.clock.instant += time

    def step(self) -> bool:
        """Deliver something, or let time pass until what is next on the agenda. False: nothing is left."""
        ready = self._ready()
        if ready and (not self._agenda or self._happens(self.habits.eager)):
            self._count_step()
            self.pass_time(A_STEP)
            self._pick(ready)()
        elif self._agenda:
            self._count_step()
            instant, _, name, action = heapq.heappop(self._agenda)
            self.clock.instant = max(self.clock.instant, instant)
            self.note(name)
            action()
        else:
            return False
        return True

    def settle(self) -> None:
        """Deliver until nothing is left to deliver; time stands still but for the deliveries."""
        while ready := self._ready():
            self._count_step()
            self.pass_time(A_STEP)
            self._pick(ready)()

    def run_agenda(self) -> None:
        while self.step():
            pass

    def fire(self, tenant: Tenant, stage: ScheduledStage) -> None:
        """Let the schedule invoke its function, and again if it fails; the next firing goes on in any case."""
        scheduled = self.clock.now()
        for _ in range(3):
            if self._once(tenant, stage, scheduled, lambda: void(self._once(tenant, stage, scheduled, _nothing))):
                break

    def _once(self, tenant: Tenant, stage: ScheduledStage, scheduled: datetime, again: Callable[[], None]) -> bool:
        if stage.alone and tenant.pools[stage.name].is_busy:
            self.note(f"{tenant.name} {stage.name} is running")
            return True
        return self._invoke(tenant, stage.name, scheduled, _without_lease(again))

    def _ready(self) -> list[Callable[[], None]]:
        found: list[Callable[[], None]] = []
        for tenant in self.tenants:
            for mapping in tenant.mappings:
                found += [_deliver_batch(self, tenant, mapping, shard_id) for shard_id in mapping.ready()]
            for queue in tenant.backend.queues.values():
                found += [_deliver_message(self, tenant, queue, message) for message in queue.ready()]
        return found

    def deliver_batch(self, tenant: Tenant, mapping: StreamMapping, shard_id: str) -> None:
        if shard_id not in mapping.ready():
            return
        most = self.habits.most_records
        lease, records = mapping.take(shard_id, self.chance.randint(1, most) if self.chaotic else most)
        self.note(f"{tenant.name} {mapping.stage} takes {len(records)} of {shard_id} from {records[0].sequence_number}")
        invocation = Invocation(
            lambda: mapping.lose(shard_id, lease), lambda: self.deliver_batch(tenant, mapping, shard_id)
        )
        succeeded = self._invoke(tenant, mapping.stage, records, invocation)
        mapping.answer(shard_id, lease, len(records), succeeded=succeeded)

    def deliver_message(self, tenant: Tenant, queue: Queue, message: Message) -> None:
        if message.lease is not None or message not in queue.messages:
            return
        lease = queue.take(message)
        self.note(f"{tenant.name} {queue.stage} takes a message for the {message.receives}. time")
        invocation = Invocation(
            lambda: queue.lose(message, lease), lambda: self.deliver_message(tenant, queue, message)
        )
        succeeded = self._invoke(tenant, queue.stage, message.body, invocation)
        if succeeded and self._happens(self.habits.twice):
            queue.send_message(QueueUrl="queue", MessageBody=message.body)
        queue.answer(message, lease, succeeded=succeeded)

    @property
    def chaotic(self) -> bool:
        return self.habits.others > 0

    def _invoke(self, tenant: Tenant, stage: str, work: object, invocation: Invocation) -> bool:
        """Run a function in one of its processes. False: it failed, or its environment died."""
        pool = tenant.pools[stage]
        process = pool.acquire(tenant.new_ports, self.chance, cold=self.habits.cold, shared=self.habits.shared)
        outer, self.tables.actor = self.tables.actor, tenant.name
        self._running.append(invocation)
        try:
            process.work(work)
        except Died:
            self._bury(pool, process, stage)
        except _BUGS:
            raise
        except Exception as failure:  # noqa: BLE001 - whatever it was, Lambda lets it come again
            self.note(f"{tenant.name} {stage} failed: {type(failure).__name__}")
        else:
            return True
        finally:
            self._running.pop()
            process.users -= 1
            self.tables.actor = outer
            self._check()
        return False

    def _bury(self, pool: ProcessPool, process: Process, stage: str) -> None:
        self.note(f"{stage} died")
        pool.discard(process)

    def _meanwhile(self) -> None:
        """Let the work of a slow call come again, and others go on, before the call returns: its lease has ended."""
        if not 0 < len(self._running) <= MOST_NESTED:
            return
        slow = self._running[-1]
        slow.lose()
        actor, self.tables.actor = self.tables.actor, None
        self.pass_time(timedelta(minutes=self.chance.randint(1, 15)))
        if self.chaotic:
            if self._happens(0.5):
                slow.again()
            for _ in range(self.chance.randint(1, self.habits.others)):
                self.step()
        else:
            slow.again()
            self.run_agenda()
        self.tables.actor = actor

    def _check(self) -> None:
        self.violations.raise_first()

    def _count_step(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise InvariantViolatedError(f"I17 liveness: no rest after {MOST_STEPS} steps")

    def _pick(self, ready: list[Callable[[], None]]) -> Callable[[], None]:
        return self.chance.choice(ready) if self.chaotic else ready[0]

    def _happens(self, probability: float) -> bool:
        return probability >= 1 or (probability > 0 and self.chance.random() < probability)


def _deliver_batch(world: World, tenant: Tenant, mapping: StreamMapping, shard_id: str) -> Callable[[], None]:
    return lambda: world.deliver_batch(tenant, mapping, shard_id)


def _deliver_message(world: World, tenant: Tenant, queue: Queue, message: Message) -> Callable[[], None]:
    return lambda: world.deliver_message(tenant, queue, message)


def _nothing() -> None:
    """Stand for whoever does not try again."""


def _without_lease(again: Callable[[], None]) -> Invocation:
    return Invocation(lambda: None, again)
