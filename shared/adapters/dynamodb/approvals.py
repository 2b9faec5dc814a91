"""Requests for approval in DynamoDB (port ApprovalRequests), beside the invoice they are about.

What is due is a partition of its own, sorted by time: to find it nobody looks at what is not. An entry that outlives
its request is found out by whoever reads it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.contracts.invoice import dump_approval_request, read_approval_request
from shared.domain.identifiers import InvoiceId, TenantId
from shared.domain.invoicing.approval import ApprovalRequest
from shared.domain.time_period import format_instant
from shared.ports.approvals import ApprovalRequestChangedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_AFTER_EVERYTHING_THEN = "$"  # follows "#", which follows the time in a key


class DynamoApprovalRequests:
    """The open requests of one tenant."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._tenant = tenant

    def save(self, request: ApprovalRequest) -> None:
        text = {"S": dump_approval_request(request)}
        if request.due_at is not None:
            self._dynamodb.put_item(
                TableName=self._table, Item={**self._due_key(request, request.due_at), "request": text}
            )
        self._dynamodb.put_item(
            TableName=self._table, Item={**self._key(request.invoice_id, request.revision), "request": text}
        )

    def read(self, invoice_id: InvoiceId, revision: int) -> ApprovalRequest | None:
        reply = self._dynamodb.get_item(TableName=self._table, Key=self._key(invoice_id, revision), ConsistentRead=True)
        return read_approval_request(reply["Item"]["request"]["S"]) if "Item" in reply else None

    def due(self, now: datetime) -> Iterator[ApprovalRequest]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk < :now",
            ExpressionAttributeValues={
                ":pk": {"S": self._due_partition},
                ":now": {"S": f"{format_instant(now)}{_AFTER_EVERYTHING_THEN}"},
            },
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield read_approval_request(item["request"]["S"])

    def update(self, before: ApprovalRequest, after: ApprovalRequest) -> None:
        text = dump_approval_request(after)
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item={**self._key(after.invoice_id, after.revision), "request": {"S": text}},
                ConditionExpression="#request IN (:before, :after)",
                ExpressionAttributeNames={"#request": "request"},
                ExpressionAttributeValues={":before": {"S": dump_approval_request(before)}, ":after": {"S": text}},
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            raise ApprovalRequestChangedError(after.invoice_id) from error

    def set_aside(self, request: ApprovalRequest) -> None:
        if request.due_at is not None:
            self._dynamodb.delete_item(TableName=self._table, Key=self._due_key(request, request.due_at))

    @property
    def _due_partition(self) -> str:
        return f"{self._tenant}#approvals-due"

    def _due_key(self, request: ApprovalRequest, due_at: datetime) -> dict[str, Any]:
        name = f"{format_instant(due_at)}#{request.invoice_id}#r{request.revision:03d}"
        return {"pk": {"S": self._due_partition}, "sk": {"S": name}}

    def _key(self, invoice_id: InvoiceId, revision: int) -> dict[str, Any]:
        return {"pk": {"S": f"{self._tenant}#approval#{invoice_id}"}, "sk": {"S": f"approval#r{revision:03d}"}}
