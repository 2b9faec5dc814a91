"""Requests for approval in memory and in DynamoDB: the newest token is the one that waits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.approvals import DynamoApprovalRequests
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.approval import ApprovalRequest, escalated
from shared.ports.approvals import ApprovalRequestChangedError, ApprovalRequests
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.billing import SECOND_OF_NOVEMBER, TENANT
from tests.fakes.in_memory_approvals import InMemoryApprovalRequests

REQUEST = ApprovalRequest(
    invoice_id=InvoiceId("c-acme/2026-10"),
    revision=1,
    approver="dana@nimbus.example",
    requested_at=SECOND_OF_NOVEMBER,
    task_token="token-one",
)


@pytest.fixture(params=["memory", "dynamodb"])
def requests(request: pytest.FixtureRequest) -> Iterator[ApprovalRequests]:
    if request.param == "memory":
        yield InMemoryApprovalRequests()
        return
    with mock_aws():
        yield DynamoApprovalRequests(aws.dynamodb(), create_table("invoices"), TENANT)


def test_nothing_was_asked(requests: ApprovalRequests) -> None:
    assert requests.read(REQUEST.invoice_id, 1) is None


def test_the_newest_request_counts(requests: ApprovalRequests) -> None:
    requests.save(REQUEST)
    requests.save(replace(REQUEST, task_token="token-two"))

    assert requests.read(REQUEST.invoice_id, 1) == replace(REQUEST, task_token="token-two")
    assert requests.read(REQUEST.invoice_id, 2) is None


DUE = replace(REQUEST, due_at=SECOND_OF_NOVEMBER + timedelta(days=3))


def test_what_is_due_is_found_until_it_is_set_aside(requests: ApprovalRequests) -> None:
    later = replace(DUE, invoice_id=InvoiceId("c-globex/2026-10"), due_at=SECOND_OF_NOVEMBER + timedelta(days=4))
    requests.save(REQUEST)
    requests.save(later)
    requests.save(DUE)

    assert list(requests.due(SECOND_OF_NOVEMBER + timedelta(days=2))) == []
    assert list(requests.due(SECOND_OF_NOVEMBER + timedelta(days=3))) == [DUE]
    assert list(requests.due(SECOND_OF_NOVEMBER + timedelta(days=9))) == [DUE, later]

    requests.set_aside(DUE)
    requests.set_aside(DUE)

    assert list(requests.due(SECOND_OF_NOVEMBER + timedelta(days=9))) == [later]
    assert requests.read(DUE.invoice_id, 1) == DUE


def test_an_update_loses_against_whoever_asked_anew(requests: ApprovalRequests) -> None:
    requests.save(DUE)
    late = escalated(DUE, at=SECOND_OF_NOVEMBER + timedelta(days=3))

    requests.update(DUE, late)
    requests.update(DUE, late)
    assert requests.read(DUE.invoice_id, 1) == late

    requests.save(newer := replace(DUE, task_token="token-two"))
    with pytest.raises(ApprovalRequestChangedError):
        requests.update(DUE, late)
    assert requests.read(DUE.invoice_id, 1) == newer
