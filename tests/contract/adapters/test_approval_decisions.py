"""Decisions on many invoices: in memory and over the queue, what is read is what was decided."""

from collections.abc import Callable, Iterator

import pytest
from moto import mock_aws

from shared.adapters.sqs.approval_decisions import QueuedApprovalDecisions
from shared.contracts.invoice import read_approval_decision
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.invoice import ApprovalDecision
from shared.ports.approvals import ApprovalDecisions
from shared.runtime import aws
from tests.builders.aws_resources import create_queue, messages_of
from tests.builders.billing import SECOND_OF_NOVEMBER, TENANT
from tests.fakes.in_memory_approvals import InMemoryApprovalDecisions

YES = ApprovalDecision(
    approved=True, decided_by="dana@nimbus.example", decided_at=SECOND_OF_NOVEMBER, reason="approved with the bill run"
)
Sent = Callable[[], list[tuple[InvoiceId, int, ApprovalDecision]]]


@pytest.fixture(params=["memory", "sqs"])
def decisions(request: pytest.FixtureRequest) -> Iterator[tuple[ApprovalDecisions, Sent]]:
    if request.param == "memory":
        fake = InMemoryApprovalDecisions()
        yield fake, lambda: fake.sent
        return
    with mock_aws():
        url = create_queue("approval-decisions")

        def sent() -> list[tuple[InvoiceId, int, ApprovalDecision]]:
            messages = [read_approval_decision(body, tenant=TENANT) for body in messages_of(url)]
            return [(message.invoice_id, message.revision, message.to_domain()) for message in messages]

        yield QueuedApprovalDecisions(aws.sqs(), url, TENANT), sent


def test_what_is_decided_is_what_is_read(decisions: tuple[ApprovalDecisions, Sent]) -> None:
    queue, sent = decisions

    queue.send(InvoiceId("c-acme/2026-10"), 1, YES)

    assert sent() == [(InvoiceId("c-acme/2026-10"), 1, YES)]
