"""Business Central says with a status of a refusal too that it has failed itself: that refuses no document."""

import json

import pytest

from shared.adapters.erp.business_central.company import after_failure, before_the_document
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import Rejected, RejectionKind, Throttled, Uncertain

ITS_OWN_FAILURES = ("Internal_ServerError", "Internal_TenantUnavailable")


def refused(code: str, *, status: int = 400, **headers: str) -> Reply:
    body = {"error": {"code": code, "message": "Something happened.  CorrelationId:  1b2c."}}
    return Reply(status, headers, json.dumps(body).encode())


@pytest.mark.parametrize("status", [400, 404, 500, 503])
@pytest.mark.parametrize("code", ITS_OWN_FAILURES)
def test_a_failure_of_the_service_leaves_a_write_uncertain_whatever_its_status(code: str, status: int) -> None:
    outcome = after_failure(refused(code, status=status))

    assert isinstance(outcome, Uncertain)


def test_what_support_asks_for_is_kept() -> None:
    outcome = after_failure(refused("Internal_ServerError"))

    assert outcome == Uncertain("Internal_ServerError: Something happened.  CorrelationId:  1b2c.")


@pytest.mark.parametrize("status", [400, 404, 500, 503])
@pytest.mark.parametrize("code", ITS_OWN_FAILURES)
def test_before_the_document_it_is_tried_again(code: str, status: int) -> None:
    assert before_the_document(refused(code, status=status, **{"retry-after": "30"})) == Throttled(30)


def test_a_code_that_nobody_knows_is_a_refusal() -> None:
    assert after_failure(refused("Application_NeverSeen")) == Rejected(
        RejectionKind.VALIDATION, "Application_NeverSeen", "Something happened.  CorrelationId:  1b2c."
    )
