"""The core scenarios of the exhaustive mode: short, calm, and each with a fault at every call it makes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cache

from tests.simulation.metering.faults import FaultKind, ScriptedFaults
from tests.simulation.metering.histories import bring_to_rest
from tests.simulation.metering.injection import is_applicable
from tests.simulation.metering.repair_scenarios import (
    amending,
    judging_again,
    one_replay,
    one_void,
    voiding,
    voiding_ahead_of_the_archive,
    voiding_what_never_came,
)
from tests.simulation.metering.road_scenarios import (
    EVENING,
    closing_without_usage,
    contradicting,
    counting,
    one_late_event,
    one_parked_event,
    one_record,
    parking,
    publishing_meanwhile,
    racing_the_seal,
    releasing_in_parts,
    sealing,
    sharing_a_process,
    stalling,
    tying_again,
    waiting_too_long,
)
from tests.simulation.metering.tenant import Tenant
from tests.simulation.metering.violations import InvariantViolatedError
from tests.simulation.metering.world import START, Habits, World

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
