"""The share of the random histories that every test run takes; `make simulate` takes 20,000."""

import pytest

from tests.simulation.metering.runs import report, run

SEEDS = 60
A_TEST = 15


@pytest.mark.parametrize("first", range(0, SEEDS, A_TEST))
def test_no_history_loses_doubles_or_strands_usage(first: int) -> None:
    for seed in range(first, first + A_TEST):
        outcome, _ = run(str(seed))
        assert not outcome.failure, report(outcome)
