"""The approval-decisions queue, as one decision on many invoices writes to it (port ApprovalDecisions)."""

from typing import TYPE_CHECKING

from shared.contracts.invoice import ApprovalDecisionMessage
from shared.domain.identifiers import InvoiceId, TenantId
from shared.domain.invoicing.invoice import ApprovalDecision

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class QueuedApprovalDecisions:
    def __init__(self, client: "SQSClient", queue_url: str, tenant: TenantId) -> None:
        self._client = client
        self._queue_url = queue_url
        self._tenant = tenant

    def send(self, invoice_id: InvoiceId, revision: int, decision: ApprovalDecision) -> None:
        message = ApprovalDecisionMessage(
            tenant=self._tenant,
            invoice_id=invoice_id,
            revision=revision,
            approved=decision.approved,
            decided_by=decision.decided_by,
            decided_at=decision.decided_at,
            reason=decision.reason,
        )
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=message.model_dump_json())
