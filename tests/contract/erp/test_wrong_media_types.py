"""Answers in another format than is due, or under a label that is not theirs: each comes to one outcome everywhere."""

import pytest

from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Found, LookupFailed, Uncertain
from simulators.erp import Fault
from tests.builders.posting import a_document, a_journal
from tests.contract.erp.conftest import OpenSite, PostingSite
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS

WITH_A_BODY = [system for system in CALLED_SYSTEMS if system != "netsuite"]  # it answers in headers alone


@pytest.mark.parametrize("system", WITH_A_BODY)
def test_an_answer_to_a_write_in_another_format_leaves_it_uncertain(open_site: OpenSite, system: str) -> None:
    site = open_site(system)
    site.simulator.faults.script(Fault.OTHER_FORMAT, operation=site.creates_invoice)

    assert isinstance(site.erp.submit(a_document()), Uncertain)
    assert len(site.simulator.documents()) == 1


def test_an_answer_to_a_look_up_in_another_format_proves_nothing(site: PostingSite) -> None:
    site.post(a_document())
    site.simulator.faults.script(Fault.OTHER_FORMAT, operation=site.under_test.looks_up)

    assert isinstance(site.erp.locate(a_document().external_ref, DocumentKind.INVOICE), LookupFailed)
    assert site.simulator.faults.injected == {Fault.OTHER_FORMAT: 1}


def test_an_answer_under_a_wrong_label_is_taken_for_what_it_says(site: PostingSite) -> None:
    site.simulator.faults.script(Fault.WRONG_MEDIA_TYPE, operation=site.creates_invoice)
    site.simulator.faults.script(Fault.WRONG_MEDIA_TYPE, operation=site.under_test.looks_up)

    assert isinstance(site.erp.submit(a_document()), site.submits_to)
    assert isinstance(site.erp.locate(a_document().external_ref, DocumentKind.INVOICE), Found)
    assert site.simulator.faults.injected[Fault.WRONG_MEDIA_TYPE] > 0


@pytest.mark.parametrize("fault", [Fault.OTHER_FORMAT, Fault.WRONG_MEDIA_TYPE])
def test_answers_in_one_cannot_be_told_apart_without_their_label(open_site: OpenSite, fault: Fault) -> None:
    site = open_site("dynamics_finance")
    site.simulator.faults.script(fault, operation="batch")

    assert isinstance(site.erp.submit(a_journal()), Uncertain)
    assert site.simulator.faults.injected == {fault: 1}
