"""The core scenarios of the exhaustive mode: short, calm, and each with a fault at every call it makes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId
from shared.domain.replay.request import ReplayFilter
from tests.simulation.metering.faults import FaultKind, ScriptedFaults
from tests.simulation.metering.histories import bring_to_rest
from tests.simulation.metering.injection import is_applicable
from tests.simulation.metering.master_data import LATE_CONTRACT
from tests.simulation.metering.ports import PERIOD
from tests.simulation.metering.producers import SentEvent, SentVoid, malformed, record_of
from tests.simulation.metering.stages import SCHEDULED_STAGES
from tests.simulation.metering.tenant import Tenant
from tests.simulation.metering.violations import InvariantViolatedError
from tests.simulation.metering.world import START, Habits, World

EVENING = PERIOD.end - timedelta(hours=2)  # one slice before the period ends
CLOSE, CORRECT, DETECT, VERIFY = SCHEDULED_STAGES


def usage(event_id: str, *, meter: str = "gigabytes", subject: str = "acme", minutes: int = 5) -> SentEvent:
    return SentEvent(
        event_id=event_id,
        subject=subject,
        occurred_at=EVENING + timedelta(minutes=minutes),
        meter=meter,
        quantity="2.5",
    )


def void(original: SentEvent, *, by: str = "") -> SentVoid:
    return SentVoid(by or f"void of {original.event_id}", original.place)


def _wait(world: World, hours: float) -> None:
    world.pass_time(timedelta(hours=hours))


def counting(world: World, tenant: Tenant) -> None:
    """Two records, one event twice, something malformed; then one more on warm processes."""
    tenant.send(record_of(usage("a"), usage("b", subject="globex"), usage("a")))
    tenant.send(malformed())
    world.settle()
    tenant.send(record_of(usage("b", subject="globex"), usage("c", meter="seats")))
    world.settle()


def sealing(world: World, tenant: Tenant) -> None:
    """Usage, the seal, an invoice, and usage that comes after both."""
    tenant.send(record_of(usage("a"), usage("b", subject="globex")))
    world.settle()
    _wait(world, 4)
    world.fire(tenant, CLOSE)
    world.fire(tenant, CLOSE)
    tenant.issue_invoices()
    tenant.send(record_of(usage("a"), usage("late")))
    world.settle()
    world.fire(tenant, DETECT)
    world.settle()


def parking(world: World, tenant: Tenant) -> None:
    """Usage of somebody unknown, who is entered then; and of one who stays unknown."""
    tenant.send(record_of(usage("a", subject="wayne"), usage("b", subject="wayne"), usage("c", subject="nobody")))
    world.settle()
    tenant.publish(1)
    world.settle()


def releasing_in_parts(world: World, tenant: Tenant) -> None:
    """More waits than one run releases; master data is published while usage is on its way."""
    tenant.send(record_of(*[usage(f"w{n}", subject="wayne", meter="drones") for n in range(4)]))
    world.settle()
    tenant.publish(1)
    tenant.send(record_of(usage("w4", subject="wayne", meter="drones")))
    world.settle()
    tenant.publish(2)
    world.settle()


def contradicting(world: World, tenant: Tenant) -> None:
    """One id with other content in the same home, and one in another; the archive check finds what the ledger can't."""
    tenant.send(record_of(usage("a"), usage("b")))
    world.settle()
    tenant.send(
        record_of(replace(usage("a"), quantity="9"), replace(usage("b"), occurred_at=EVENING - timedelta(hours=3)))
    )
    world.settle()
    _wait(world, 4)
    world.fire(tenant, CLOSE)
    world.fire(tenant, VERIFY)
    world.settle()


def tying_again(world: World, tenant: Tenant) -> None:
    """Release the hold of an earlier archive check whose reason is gone."""
    tenant.send(record_of(usage("a")))
    world.settle()
    _wait(world, 4)
    world.fire(tenant, CLOSE)
    reason = f"{ExceptionCode.ARCHIVE_DOES_NOT_TIE}:acme/{PERIOD.name}"
    tenant.backend.stores.holds.place(CustomerId("acme"), PERIOD.name, f"{reason} 0123456789abcdef")
    world.fire(tenant, VERIFY)
    world.settle()


def waiting_too_long(world: World, tenant: Tenant) -> None:
    """Keep a slice open by a stage that does not move; it is told, and sealed when the stage moves again."""
    tenant.send(record_of(usage("a")))
    world.settle()
    tenant.send(record_of(usage("b")))
    _wait(world, 12)
    world.fire(tenant, CLOSE)
    world.settle()
    world.fire(tenant, CLOSE)
    world.settle()


def closing_without_usage(world: World, tenant: Tenant) -> None:
    """Begin to close where nothing was ever used."""
    _wait(world, 4)
    world.fire(tenant, CLOSE)


def publishing_meanwhile(world: World, tenant: Tenant) -> None:
    """Master data is published while usage is being parked (see _GIVEN): whoever parked it asks for its release."""
    world.at(world.clock.now(), "publish", lambda: tenant.publish(1))
    tenant.send(record_of(usage("a", subject="wayne")))
    world.settle()
    world.run_agenda()


def stalling(world: World, tenant: Tenant) -> None:
    """Let hours pass, and closing look, between a stage and the next: what one has begun is not done."""
    tenant.send(record_of(usage("a")))
    for mapping in tenant.mappings:
        for shard_id in mapping.ready():
            world.deliver_batch(tenant, mapping, shard_id)
        _wait(world, 4)
        world.fire(tenant, CLOSE)
    world.settle()


def sharing_a_process(world: World, tenant: Tenant) -> None:
    """Run what is slow and what comes meanwhile in one process, as threads would (see _HABITS)."""
    for event_id in ("a", "b", "c"):
        tenant.send(record_of(usage(event_id)))
    world.settle()
    tenant.send(record_of(usage("d")))
    world.settle()


def racing_the_seal(world: World, tenant: Tenant) -> None:
    """Two processes know the bucket from before its seal when late usage comes."""
    tenant.send(record_of(usage("a")))
    world.settle()
    tenant.pools["aggregate"].start_another(tenant.new_ports)
    tenant.send(record_of(usage("b")))
    world.settle()
    _wait(world, 4)
    world.fire(tenant, CLOSE)
    tenant.pools["aggregate"].swap()
    tenant.send(record_of(usage("b"), usage("late one")))
    world.settle()
    tenant.pools["aggregate"].swap()
    tenant.send(record_of(usage("late one"), usage("late two")))
    world.settle()


def one_record(world: World, tenant: Tenant) -> None:
    """Count one record with a repeat in it."""
    tenant.send(record_of(usage("a"), usage("a"), usage("b", subject="globex")))
    world.settle()


def one_late_event(world: World, tenant: Tenant) -> None:
    """Count an event, seal its slice, and count one that comes late."""
    tenant.send(record_of(usage("a")))
    world.settle()
    _wait(world, 4)
    world.fire(tenant, CLOSE)
    tenant.send(record_of(usage("a"), usage("late")))
    world.settle()


def one_parked_event(world: World, tenant: Tenant) -> None:
    """Park an event, and release it."""
    tenant.send(record_of(usage("a", subject="wayne")))
    world.settle()
    tenant.publish(1)
    world.settle()


def voiding(world: World, tenant: Tenant) -> None:
    """Take back a part of a sum and the greatest of three, repeat what was taken back, and go on behind the seal."""
    peaks = [replace(usage(f"p{n}", meter="peak"), quantity=str(n)) for n in range(3)]
    tenant.send(record_of(usage("a"), usage("b"), *peaks))
    tenant.send(record_of(void(usage("a")), void(peaks[2])))
    world.settle()
    world.fire(tenant, CORRECT)
    tenant.send(record_of(usage("a"), void(usage("a"), by="another void of a")))
    world.settle()
    _wait(world, 4)
    world.fire(tenant, CLOSE)
    tenant.issue_invoices()
    tenant.send(record_of(void(usage("b")), void(peaks[1])))
    world.settle()
    world.fire(tenant, CORRECT)
    world.settle()


def amending(world: World, tenant: Tenant) -> None:
    """Amend before the original came, amend what amended, name something wrong, and let two amend one event."""
    first = replace(usage("a2"), quantity="1", amends=usage("a").place)
    tenant.send(record_of(first, usage("b"), void(usage("b", minutes=6), by="names another time")))
    world.settle()
    world.fire(tenant, CORRECT)
    tenant.send(
        record_of(usage("a"), replace(usage("a3"), amends=first.place), replace(usage("a4"), amends=first.place))
    )
    world.settle()
    world.fire(tenant, CORRECT)
    world.settle()


def voiding_what_never_came(world: World, tenant: Tenant) -> None:
    """Void what is too old to come any more, tell so when a day is over, and forget its bucket."""
    tenant.send(record_of(void(usage("a", minutes=-36 * 24 * 60))))
    world.settle()
    for hours in (1, 30, 200 * 24):
        world.fire(tenant, CORRECT)
        _wait(world, hours)
    world.fire(tenant, CORRECT)
    world.settle()


def voiding_ahead_of_the_archive(world: World, tenant: Tenant) -> None:
    """Void while the archive lags for days: it is told, and done when the archive has caught up."""
    tenant.send(record_of(usage("a"), void(usage("a"))))
    for mapping in tenant.mappings:
        if mapping.stage != "archive":
            for shard_id in mapping.ready():
                world.deliver_batch(tenant, mapping, shard_id)
    world.fire(tenant, CORRECT)
    _wait(world, 50)
    world.fire(tenant, CORRECT)
    world.settle()
    _wait(world, 7)
    world.fire(tenant, CORRECT)
    world.settle()


def judging_again(world: World, tenant: Tenant) -> None:
    """Replay what was refused before its contract was published: tried first, then by its reason, then all of it."""
    probes = [replace(usage(f"p{n}"), contract=LATE_CONTRACT) for n in range(3)]
    tenant.send(record_of(*probes[:2]))
    tenant.send(record_of(replace(usage("p3"), contract=LATE_CONTRACT, amends=probes[0].place)))
    tenant.send(record_of(replace(usage("too old", minutes=-36 * 24 * 60), contract=LATE_CONTRACT)))
    tenant.send(malformed())
    world.settle()
    tenant.publish(1)
    world.pass_time(timedelta(minutes=1))
    tenant.send(record_of(probes[2], probes[1], usage("parked", subject="nobody")))
    world.settle()
    tenant.ask_replay(ReplayFilter(customer=CustomerId("acme")), dry_run=True)
    tenant.ask_replay(ReplayFilter(reason=ExceptionCode.UNKNOWN_CONTRACT_VERSION))
    tenant.ask_replay()
    world.settle()


def one_void(world: World, tenant: Tenant) -> None:
    """Count an event, and take it back."""
    tenant.send(record_of(usage("a"), void(usage("a"))))
    world.settle()
    world.fire(tenant, CORRECT)


def one_replay(world: World, tenant: Tenant) -> None:
    """Refuse an event, and replay it."""
    tenant.send(record_of(replace(usage("a"), contract=LATE_CONTRACT)))
    world.settle()
    tenant.publish(1)
    world.pass_time(timedelta(minutes=1))
    tenant.ask_replay()
    world.settle()


SCENARIOS: Mapping[str, Callable[[World, Tenant], None]] = {
    scenario.__name__: scenario
    for scenario in (
        counting,
        sealing,
        parking,
        releasing_in_parts,
        contradicting,
        tying_again,
        waiting_too_long,
        closing_without_usage,
        publishing_meanwhile,
        racing_the_seal,
        stalling,
        sharing_a_process,
        one_record,
        one_late_event,
        one_parked_event,
        voiding,
        amending,
        voiding_what_never_came,
        voiding_ahead_of_the_archive,
        judging_again,
        one_void,
        one_replay,
    )
}
_HABITS = {"sharing_a_process": Habits(most_records=1, shared=1.0)}
# What is slow in a scenario in any case: its first call to this.
_GIVEN = {"publishing_meanwhile": "enrich.parked.park"}
ONE_IN = 11  # no multiple of how many kinds there are: every kind has its turn
# Short enough for every pair of faults.
IN_PAIRS = ("one_record", "one_parked_event", "one_void", "one_replay")


def scenario_world(name: str, faults: Mapping[int, FaultKind]) -> World:
    """Return the world of a scenario, with faults at some of its calls."""
    return _world(name, {**_given(name), **faults})


def run_scenario(name: str, world: World) -> None:
    """Play a scenario, heal its world, and hold it against every invariant."""
    (tenant,) = world.tenants
    SCENARIOS[name](world, tenant)
    bring_to_rest(world)


def single_faults(name: str) -> Iterator[Mapping[int, FaultKind]]:
    """Yield every kind of fault at every call of the scenario."""
    return _each_call(_played(name, {}), first=0)


def fixed_share() -> Mapping[str, Sequence[Mapping[int, FaultKind]]]:
    """Return the single faults that every test run takes, by scenario: the rest is for `make simulate`.

    They are the first of each kind at each port's method, wherever that is, and one in ONE_IN of all others.
    """
    known: set[tuple[str, FaultKind]] = set()
    share: dict[str, list[Mapping[int, FaultKind]]] = {}
    for scenario in SCENARIOS:
        sites = _played(scenario, {}).injector.sites
        others = 0
        for faults in single_faults(scenario):
            ((call, kind),) = faults.items()
            others += (sites[call], kind) in known
            if (sites[call], kind) not in known or others % ONE_IN == 0:
                share.setdefault(scenario, []).append(faults)
            known.add((sites[call], kind))
    return share


def second_faults(name: str, first: Mapping[int, FaultKind]) -> Iterator[Mapping[int, FaultKind]]:
    """Yield every pair with a given first fault: the second one hits any call that comes after it."""
    (call,) = first
    return ({**first, **second} for second in _each_call(_played(name, first), first=call + 1))


def _world(name: str, faults: Mapping[int, FaultKind]) -> World:
    world = World(0, faults=ScriptedFaults(faults), habits=_HABITS.get(name, Habits()))
    world.pass_time(EVENING + timedelta(minutes=10) - START)
    return world


def _played(name: str, faults: Mapping[int, FaultKind]) -> World:
    """Return a world in which the scenario was played, however it ended."""
    world = scenario_world(name, faults)
    with suppress(InvariantViolatedError):
        run_scenario(name, world)
    return world


@cache
def _given(name: str) -> Mapping[int, FaultKind]:
    if name not in _GIVEN:
        return {}
    world = _world(name, {})
    run_scenario(name, world)
    return {world.injector.sites.index(_GIVEN[name]): FaultKind.SLOW_REQUEST}


def _each_call(world: World, *, first: int) -> Iterator[Mapping[int, FaultKind]]:
    sites = world.injector.sites[: world.injector.healed_at]
    return ({call: kind} for call in range(first, len(sites)) for kind in FaultKind if is_applicable(kind, sites[call]))
