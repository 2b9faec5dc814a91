"""Histories from a seed: months of trouble in a day, each with some kinds of it switched off (swarm testing)."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from functions.apply_usage_corrections.outcome import TRIED_AGAIN_AFTER
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId
from shared.domain.metering.layout import BucketLayout
from shared.domain.replay.request import ReplayFilter
from shared.domain.time_period import format_instant
from tests.simulation.metering.faults import FaultKind, RandomFaults
from tests.simulation.metering.master_data import VERSIONS
from tests.simulation.metering.ports import PERIOD
from tests.simulation.metering.producers import Producer
from tests.simulation.metering.stages import REMINDED_QUEUES, SCHEDULED_STAGES, ScheduledStage
from tests.simulation.metering.tenant import Tenant
from tests.simulation.metering.violations import InvariantViolatedError
from tests.simulation.metering.world import START, Habits, World

TENANTS = ("nimbus", "stratus")
SENDING = timedelta(hours=11)
UNTIL = START + timedelta(hours=14)
ROLLOUT = timedelta(minutes=30)
MOST_ROUNDS = 6  # of closing, once all is well again
_KINDS = ("repeats", "late", "too late", "malformed", "unknown", "quarrels", "moves", "corrections", "probes")
_OUTAGES = (
    "ingest.accepted_usage",
    "archive.archive",
    "enrich.master_data",
    "enrich.billable_usage",
    "aggregate.logs",
    "open_exception",
    "release.parked",
    "close.tails",
    "ingest.contracts",
    "correct.archive",
    "replay.accepted_usage",
)
CLOSE, CORRECT, DETECT, VERIFY = SCHEDULED_STAGES
_TROUBLES = ("outage", "redelivery", "reshard", "deploy", "redrive twice", "double fire", "replay", "judged again")
_REPLAYED = (
    ReplayFilter(),
    ReplayFilter(reason=ExceptionCode.UNKNOWN_CONTRACT_VERSION),
    ReplayFilter(customer=CustomerId("acme")),
)


def run_history(world: World) -> None:
    """Live through the history of a world, heal it, and hold it against every invariant."""
    world.run_agenda()
    bring_to_rest(world)
    _replay(world)


def random_world(seed: int) -> World:
    """Return a world with everything on its agenda that a seed stands for."""
    chance = random.Random(f"swarm {seed}")
    kinds = [kind for kind in FaultKind if chance.random() < 0.6]
    troubles = [trouble for trouble in _TROUBLES if chance.random() < 0.5]
    faults = RandomFaults(random.Random(f"faults {seed}"), kinds, chance.choice([0.01, 0.05, 0.1, 0.2]))
    habits = Habits(
        most_records=chance.choice([1, 3, 10]),
        eager=chance.choice([0.5, 0.8, 0.95]),
        cold=chance.choice([0.0, 0.1, 0.5]),
        shared=chance.choice([0.0, 0.3]),
        twice=0.2 if "redelivery" in troubles else 0.0,
        others=chance.choice([2, 6, 12]),
    )
    world = World(seed, faults=faults, habits=habits, tenants=TENANTS[: chance.choice([1, 2])])
    for tenant in world.tenants:
        _plan_usage(world, tenant, chance)
        _plan_schedules(world, tenant, chance, twice="double fire" in troubles)
        _plan_troubles(world, tenant, chance, troubles)
    if "outage" in troubles:
        _plan_outage(world, chance)
    return world


def _plan_usage(world: World, tenant: Tenant, chance: random.Random) -> None:
    producer = Producer(chance, [kind for kind in _KINDS if chance.random() < 0.7])
    for _ in range(chance.randint(3, 9)):
        instant = START + SENDING * chance.random()

        def send(instant: datetime = instant) -> None:
            for record in producer.records(max(instant, world.clock.now())):
                tenant.send(record)

        world.at(instant, f"{tenant.name} sends", send)
        if chance.random() < 0.2:
            world.at(instant + SENDING * chance.random(), f"{tenant.name} sends again", _send_again(tenant, chance))
    for version in range(1, len(VERSIONS)):
        instant = START + SENDING * chance.random()
        world.at(instant, f"{tenant.name} publishes {version}", lambda version=version: tenant.publish(version))  # type: ignore[misc]


def _send_again(tenant: Tenant, chance: random.Random) -> "SendAgain":
    return SendAgain(tenant, chance)


class SendAgain:
    """A producer that got no answer sends a record again, much later."""

    def __init__(self, tenant: Tenant, chance: random.Random) -> None:
        self._tenant = tenant
        self._chance = chance

    def __call__(self) -> None:
        if self._tenant.sent:
            self._tenant.send(self._chance.choice(self._tenant.sent))


def _plan_schedules(world: World, tenant: Tenant, chance: random.Random, *, twice: bool) -> None:
    for stage in SCHEDULED_STAGES:
        for instant in _firings(stage.every):
            for _ in range(2 if twice and chance.random() < 0.3 else 1):
                world.at(instant, f"{tenant.name} {stage.name} is due", lambda stage=stage: _fire(world, tenant, stage))  # type: ignore[misc]
    for queue, every in REMINDED_QUEUES.items():
        for instant in _firings(every):
            world.at(instant, f"{tenant.name} reminds {queue}", lambda queue=queue: tenant.remind(queue))  # type: ignore[misc]
    for instant in _hours(PERIOD.end):
        world.at(instant, f"{tenant.name} bills", tenant.issue_invoices)


def _fire(world: World, tenant: Tenant, stage: ScheduledStage) -> None:
    if tenant.period_is_sealed or not stage.when_sealed:
        world.fire(tenant, stage)


def _firings(every: timedelta) -> Iterator[datetime]:
    instant = START + every
    while instant <= UNTIL:
        yield instant
        instant += every


def _hours(start: datetime) -> Iterator[datetime]:
    while start <= UNTIL:
        yield start
        start += timedelta(hours=1)


def _plan_troubles(world: World, tenant: Tenant, chance: random.Random, troubles: list[str]) -> None:
    def some_time() -> datetime:
        return START + SENDING * chance.random()

    if "reshard" in troubles:
        for stream in tenant.backend.streams.values():
            for _ in range(chance.randint(0, 2)):
                world.at(some_time(), f"reshard {stream.name}", lambda s=stream: tenant.reshard(s, chance))  # type: ignore[misc]
    if "deploy" in troubles:
        world.at(START + timedelta(hours=8) * chance.random(), "deploy", lambda: deploy(world, tenant))
    if "redrive twice" in troubles:
        for queue in tenant.backend.queues.values():
            world.at(some_time(), "redrive", lambda q=queue: q.redrive(chance, twice=True))  # type: ignore[misc]
    for _ in range(chance.randint(1, 2) if "judged again" in troubles else 0):
        narrowed, dry_run = chance.choice(_REPLAYED), chance.random() < 0.2
        world.at(some_time(), "ask for a replay", _ask_replay(tenant, narrowed, dry_run=dry_run))
    if "replay" in troubles:
        mapping = chance.choice(tenant.mappings)
        world.at(some_time(), f"replay {mapping.stage}", mapping.replay_all)


def _ask_replay(tenant: Tenant, narrowed: ReplayFilter, *, dry_run: bool) -> Callable[[], None]:
    return lambda: tenant.ask_replay(narrowed, dry_run=dry_run)


def _plan_outage(world: World, chance: random.Random) -> None:
    """Have a service fail for some hours, and nothing else."""

    def begin(outage: str) -> None:
        world.injector.outage = outage

    starts, outage = START + SENDING * chance.random(), chance.choice(_OUTAGES)
    world.at(starts, f"{outage} fails", lambda: begin(outage))
    world.at(starts + timedelta(minutes=chance.randint(5, 300)), f"{outage} works", lambda: begin(""))


def deploy(world: World, tenant: Tenant) -> None:
    """Bring in a layout that begins once every process has it: three groups, and shorter slices."""
    start = START
    while start < world.clock.now() + timedelta(hours=2):
        start += timedelta(hours=4)
    layout = BucketLayout.parse(
        '[{"version": 1, "valid_from": "1970-01-01T00:00:00.000000Z", "groups": 2, "slice_minutes": 240},'
        f' {{"version": 2, "valid_from": "{format_instant(start)}", "groups": 3, "slice_minutes": 60}}]'
    )
    tenant.deploy(layout, retires=world.clock.now() + ROLLOUT)


def bring_to_rest(world: World) -> None:
    """Stop all faults, and require that everything comes to its end in bounded time (I17)."""
    world.injector.heal()
    for _ in range(MOST_ROUNDS):
        for tenant in world.tenants:
            for queue in tenant.backend.queues.values():
                queue.redrive(world.chance, twice=True)
            for reminded in REMINDED_QUEUES:
                tenant.remind(reminded)
        world.run_agenda()
        if all(_is_sealed(tenant) for tenant in world.tenants):
            break
        world.clock.instant = max(world.clock.instant + timedelta(hours=1), UNTIL)
        for tenant in world.tenants:
            world.fire(tenant, CLOSE)
    else:
        raise InvariantViolatedError("I17 liveness: the ledger is not sealed though all is well")
    _finish(world)


def _finish(world: World) -> None:
    for tenant in world.tenants:
        tenant.issue_invoices()
        # Of nothing else: whatever is lost must not come back by a replay before somebody has missed it.
        tenant.ask_replay(ReplayFilter(reason=ExceptionCode.UNKNOWN_CONTRACT_VERSION))
    world.run_agenda()
    if any(tenant.is_corrected for tenant in world.tenants):
        world.pass_time(TRIED_AGAIN_AFTER)
    for tenant in world.tenants:
        for stage in (CLOSE, CORRECT, CORRECT, CORRECT, DETECT, VERIFY):  # a run corrects a week of slices
            world.fire(tenant, stage)
    world.run_agenda()
    for tenant in world.tenants:
        tenant.at_rest().check()
    world.violations.raise_first()


def _is_sealed(tenant: Tenant) -> bool:
    sealed_through = tenant.backend.stores.closing.state().sealed_through
    newest = max((one.event.newest_time for one in tenant.arrivals if one.event), default=PERIOD.start)
    return sealed_through is not None and sealed_through >= max(PERIOD.end, min(newest, UNTIL))


def _replay(world: World) -> None:
    """Deliver everything again from the start of retention, and some records anew: nothing may change (I9)."""
    before = [tenant.at_rest().totals() for tenant in world.tenants]
    for tenant in world.tenants:
        refused = {one.event for one in tenant.arrivals if one.event and one.event.newest_time > one.arrived_at}
        again = [record for record in tenant.sent if not refused & set(record.members)]
        for record in world.chance.sample(again, min(3, len(again))):
            tenant.send(record)
        for mapping in tenant.mappings:
            mapping.replay_all()
    world.run_agenda()
    _finish(world)
    after = [tenant.at_rest().totals() for tenant in world.tenants]
    if before != after:
        raise InvariantViolatedError("I9 replay: totals changed")
