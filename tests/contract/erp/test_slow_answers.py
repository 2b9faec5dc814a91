"""Answers that drip or break off: nobody waits for them for ever, and what they would have said is not known."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from shared.adapters.http.transport import HttpTransport, http_client
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import LookupFailed, Uncertain
from simulators.erp import Fault, FaultPlan
from tests.builders.posting import a_document
from tests.contract.erp.conftest import OpenSite, PostingSite, Surroundings, surroundings
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS
from tests.fakes.secret_store import SecretStore

WITHOUT_A_BODY = {"netsuite"}  # its answers to what it creates are headers alone
SPOILT = [Fault.SLOW_DRIP, Fault.CONNECTION_RESET]


@pytest.fixture(scope="module")
def around() -> Iterator[Surroundings]:
    """Have a second pass with each drop that arrives."""
    with surroundings(SecretStore()) as around, http_client() as http:
        yield replace(around, transport=HttpTransport(http, seconds=count().__next__))


@pytest.fixture(params=CALLED_SYSTEMS)
def site(request: pytest.FixtureRequest, open_site: OpenSite) -> PostingSite:
    return open_site(request.param, FaultPlan(drip_seconds=0.001))


@pytest.mark.parametrize("fault", SPOILT)
def test_a_write_whose_answer_does_not_come_whole_is_uncertain(site: PostingSite, fault: Fault) -> None:
    site.simulator.faults.script(fault, operation=site.creates_invoice)

    outcome = site.erp.submit(a_document())

    assert isinstance(outcome, site.submits_to if site.system in WITHOUT_A_BODY else Uncertain)
    assert len(site.simulator.documents()) == 1


@pytest.mark.parametrize("fault", SPOILT)
def test_a_look_up_whose_answer_does_not_come_whole_proves_nothing(site: PostingSite, fault: Fault) -> None:
    site.post(a_document())
    site.simulator.faults.script(fault, operation=site.under_test.looks_up)

    assert isinstance(site.erp.locate(a_document().external_ref, DocumentKind.INVOICE), LookupFailed)
    assert site.simulator.faults.injected == {fault: 1}
