"""Every kind of fault at each method of every port, in scenarios: nothing is lost or counted twice."""

import pytest

from tests.simulation.metering.coverage import call_sites
from tests.simulation.metering.runs import fixed_share_names, report, run
from tests.simulation.metering.scenarios import SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_one_fault_at_any_call_breaks_no_invariant(scenario: str) -> None:
    failed = []
    for name in fixed_share_names()[scenario]:
        outcome, _ = run(name)
        assert outcome.hits.total() > 0, name
        failed += [report(outcome)] if outcome.failure else []

    assert not failed, "\n".join(failed[:3])


def test_the_scenarios_make_every_call_there_is() -> None:
    """Each of them suffers each kind of fault in the test above, so no cell of the coverage matrix is empty."""
    made = {site for scenario in SCENARIOS for site in run(scenario)[1].injector.sites}

    assert call_sites() - made == set()
    assert made - call_sites() == set(), "a stage is missing in coverage.SOURCES"
