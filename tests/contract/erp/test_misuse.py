"""Answers that no documentation has, and those who are not the ERP at all: each is one outcome, and none is success."""

import pytest

from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Absent, AuthFailed, Found, LookupFailed, Rejected, Throttled, Uncertain
from simulators.erp import Fault
from tests.builders.posting import a_document
from tests.contract.erp.conftest import PostingSite


def test_a_page_to_sign_in_at_is_no_success(site: PostingSite) -> None:
    site.simulator.faults.script(Fault.LOGIN_PAGE, operation=site.creates_invoice)

    assert isinstance(site.erp.submit(a_document()), Uncertain)
    assert site.simulator.documents() == ()


def test_a_refusal_with_an_unknown_code_is_a_refusal_that_says_so(site: PostingSite) -> None:
    site.simulator.faults.script(Fault.UNKNOWN_REFUSAL, operation=site.creates_invoice)

    outcome = site.erp.submit(a_document())

    assert isinstance(outcome, site.under_test.after_unknown_refusal)
    if isinstance(outcome, Rejected):
        assert "ZX_4711_NEVER_SEEN" in f"{outcome.code} {outcome.text}"
    assert site.simulator.documents() == ()


def test_a_refusal_that_is_not_the_erps_leaves_the_document_to_the_look_up(site: PostingSite) -> None:
    site.simulator.faults.script(Fault.FOREIGN_REFUSAL, operation=site.creates_invoice)

    assert isinstance(site.erp.submit(a_document()), Uncertain)


def test_half_an_answer_leaves_the_document_to_the_look_up(site: PostingSite) -> None:
    site.simulator.faults.script(Fault.TRUNCATED_JSON, operation=site.creates_invoice)

    outcome = site.erp.submit(a_document())

    if isinstance(outcome, Uncertain):  # where an answer has a body, half of it says nothing
        assert isinstance(site.erp.locate(a_document().external_ref, DocumentKind.INVOICE), Found)
    assert not isinstance(outcome, Rejected | Throttled | AuthFailed)


@pytest.mark.parametrize(
    "fault", [Fault.LOGIN_PAGE, Fault.UNKNOWN_REFUSAL, Fault.FOREIGN_REFUSAL, Fault.TRUNCATED_JSON]
)
def test_no_such_answer_to_a_look_up_proves_that_a_document_is_absent(site: PostingSite, fault: Fault) -> None:
    site.finish(site.erp.submit(a_document()), a_document())
    site.simulator.faults.script(fault, operation=site.under_test.looks_up)

    location = site.erp.locate(a_document().external_ref, DocumentKind.INVOICE)

    assert isinstance(location, LookupFailed)
    assert not isinstance(location, Absent)


def test_wrong_credentials_are_refused_once_and_say_who_must_act(site: PostingSite) -> None:
    site.change_secret(site.under_test.wrong_credentials)

    outcome = site.erp.submit(a_document())

    assert isinstance(outcome, AuthFailed)
    assert site.under_test.mapping.connection in outcome.text
    assert site.simulator.documents() == ()
