"""A clock that is off is named where credentials are refused, and is nobody's business where they are taken."""

import pytest

from shared.domain.posting.outcome import AuthFailed
from simulators.erp import Fault
from tests.builders.posting import a_document
from tests.contract.erp.conftest import OpenSite
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS

WITH_TOKENS = [system for system in CALLED_SYSTEMS if system != "tryton"]  # where a key is refused before any fault


@pytest.mark.parametrize("system", WITH_TOKENS)
def test_a_token_that_is_refused_by_a_clock_that_is_fast(open_site: OpenSite, system: str) -> None:
    site = open_site(system)
    site.change_secret(site.under_test.wrong_credentials)
    site.simulator.faults.script(Fault.CLOCK_SKEW, operation="token")

    (problem,) = site.erp.check_connection().problems

    assert "its clock is 600 seconds ahead of ours, which alone may be why" in problem
    refused = site.erp.submit(a_document())
    assert isinstance(refused, AuthFailed)
    assert refused.text in problem


@pytest.mark.parametrize("system", WITH_TOKENS)
def test_a_token_that_is_given_by_a_clock_that_is_fast(open_site: OpenSite, system: str) -> None:
    site = open_site(system)
    site.simulator.faults.script(Fault.CLOCK_SKEW, operation="token")

    assert site.erp.check_connection().problems == ()
    assert site.simulator.faults.injected == {Fault.CLOCK_SKEW: 1}
