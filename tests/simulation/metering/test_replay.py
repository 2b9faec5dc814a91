"""A history is its name: the same in every process, so that whoever reads of a failure can see it again."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from tests.simulation.metering.histories import bring_to_rest
from tests.simulation.metering.planted_bugs import PLANTED_BUGS
from tests.simulation.metering.producers import record_of
from tests.simulation.metering.road_scenarios import usage
from tests.simulation.metering.runs import report, run
from tests.simulation.metering.scenarios import scenario_world

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["3", "sealing/12:crash-after/15:slow-reply"])
def test_another_process_lives_through_the_same_history_byte_for_byte(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.simulation.metering", "--seed", name]
    path = {"PYTHONPATH": str(REPOSITORY)}
    for hash_seed in ("1", "2"):
        environment = {**os.environ, **path, "PYTHONHASHSEED": hash_seed}
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
        (trace,) = (tmp_path / "out" / "simulation").iterdir()
        assert trace.read_text() == "\n".join(run(name)[1].trace) + "\n"


def test_a_failure_tells_the_history_the_revision_and_how_to_replay_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bug = next(bug for bug in PLANTED_BUGS if bug.name == "a put without its condition")
    bug.plant(monkeypatch)
    outcome, _ = run("0")

    told = report(outcome)
    assert re.match(r"history 0 at revision \S+: InvariantViolatedError: I3 ", told)
    assert told.endswith("replay it with: make simulate SEED=0")
    again, _ = run("0")
    assert (again.digest, again.failure) == (outcome.digest, outcome.failure)


def test_the_order_in_which_usage_comes_changes_no_total() -> None:
    """I10: late, on time, a repeat and another customer's, in every order."""
    records = [
        record_of(usage("late", minutes=-300), usage("b", subject="globex")),
        record_of(usage("a"), usage("late", minutes=-300)),
        record_of(usage("c", meter="level"), usage("d", meter="level", minutes=4)),
        record_of(replace(usage("e", meter="users"), unique_key="ann"), usage("f", meter="load")),
    ]
    totals = []
    for order in permutations(records):
        world = scenario_world("counting", {})
        (tenant,) = world.tenants
        for record in order:
            tenant.send(record)
            world.settle()
        bring_to_rest(world)
        totals.append(tenant.at_rest().totals())

    assert all(total == totals[0] for total in totals)
    assert len(totals[0]) == 6
