"""Requests for approval in memory and in DynamoDB: the newest token is the one that waits."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.approvals import DynamoApprovalRequests
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.approval import ApprovalRequest
from shared.ports.approvals import ApprovalRequests
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
