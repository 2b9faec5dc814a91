"""The simulation is no blinder than it says: each planted bug is caught within its number of histories."""

import pytest

from tests.simulation.metering.planted_bugs import PLANTED_BUGS, PlantedBug
from tests.simulation.metering.runs import run


@pytest.mark.parametrize("bug", PLANTED_BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught(bug: PlantedBug, monkeypatch: pytest.MonkeyPatch) -> None:
    histories = list(bug.histories())
    bug.plant(monkeypatch)

    failures = (run(name)[0].failure for name in histories)
    caught = next((failure for failure in failures if failure), "")
    assert caught.startswith("InvariantViolatedError: I"), f"not caught in {len(histories)} histories: {caught}"
