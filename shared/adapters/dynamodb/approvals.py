"""Requests for approval in DynamoDB (port ApprovalRequests), beside the invoice they are about."""

from typing import TYPE_CHECKING, Any

from shared.contracts.invoice import dump_approval_request, read_approval_request
from shared.domain.identifiers import InvoiceId, TenantId
from shared.domain.invoicing.approval import ApprovalRequest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoApprovalRequests:
    """The open requests of one tenant."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._tenant = tenant

    def save(self, request: ApprovalRequest) -> None:
        item = {**self._key(request.invoice_id, request.revision), "request": {"S": dump_approval_request(request)}}
        self._dynamodb.put_item(TableName=self._table, Item=item)

    def read(self, invoice_id: InvoiceId, revision: int) -> ApprovalRequest | None:
        reply = self._dynamodb.get_item(TableName=self._table, Key=self._key(invoice_id, revision), ConsistentRead=True)
        return read_approval_request(reply["Item"]["request"]["S"]) if "Item" in reply else None

    def _key(self, invoice_id: InvoiceId, revision: int) -> dict[str, Any]:
        return {"pk": {"S": f"{self._tenant}#approval#{invoice_id}"}, "sk": {"S": f"approval#r{revision:03d}"}}
