"""Histories by name: "17" is a seed, "sealing/12:crash-after/15:slow-reply" a scenario with faults at its calls.

A name says everything: the same name gives the same trace, byte for byte, in every process.
"""

import subprocess
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.simulation.metering.faults import FaultKind
from tests.simulation.metering.histories import random_world, run_history
from tests.simulation.metering.scenarios import (
    SCENARIOS,
    fixed_share,
    run_scenario,
    scenario_world,
    second_faults,
    single_faults,
)
from tests.simulation.metering.world import World


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a history. `failure` is empty when every invariant held; it then tells how to replay it."""

    name: str
    failure: str
    digest: str
    calls: int
    hits: Counter[tuple[str, FaultKind]]


def is_name(text: str) -> bool:
    if text.isdecimal():
        return True
    try:
        return _parse(text)[0] in SCENARIOS
    except ValueError:
        return False


def run(name: str) -> tuple[Outcome, World]:
    """Live through a history; whatever happens in it, come back with what is known of it."""
    seed = name.isdecimal()
    world = random_world(int(name)) if seed else scenario_world(*_parse(name))
    try:
        if seed:
            run_history(world)
        else:
            run_scenario(_parse(name)[0], world)
    except Exception as failure:  # noqa: BLE001 - a mistake of the program is a finding, too
        failed = f"{type(failure).__name__}: {failure}"
        if not isinstance(failure, AssertionError):
            failed += "\n" + "".join(traceback.format_exception(failure))
    else:
        failed = ""
    injector = world.injector
    return Outcome(name, failed, world.digest(), len(injector.sites), injector.hits), world


def report(outcome: Outcome) -> str:
    """Tell of a failure what anybody needs to see it again."""
    return (
        f"history {outcome.name} at revision {_revision()}: {outcome.failure}\n"
        f"trace {outcome.digest}\n"
        f"replay it with: make simulate SEED={outcome.name}"
    )


def single_fault_names(scenario: str) -> Iterator[str]:
    return (_name(scenario, faults) for faults in single_faults(scenario))


@cache
def fixed_share_names() -> Mapping[str, Sequence[str]]:
    """Return the names of the single faults that every test run takes, by scenario."""
    return {scenario: [_name(scenario, one) for one in share] for scenario, share in fixed_share().items()}


def pair_names(scenario: str, first: str) -> Iterator[str]:
    """Yield the names of all pairs that begin with a single fault."""
    return (_name(scenario, faults) for faults in second_faults(scenario, _parse(first)[1]))


def _name(scenario: str, faults: Mapping[int, FaultKind]) -> str:
    return "/".join([scenario, *[f"{call}:{kind}" for call, kind in sorted(faults.items())]])


def _parse(name: str) -> tuple[str, Mapping[int, FaultKind]]:
    scenario, *faults = name.split("/")
    placed = (fault.split(":") for fault in faults)
    return scenario, {int(call): FaultKind(kind) for call, kind in placed}


def _revision() -> str:
    git = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=12"]
    answer = subprocess.run(git, capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"
