"""Checkpoints of the stages in DynamoDB (port StageProgress), beside the ledger: one item a stage and shard."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from shared.domain.identifiers import TenantId
from shared.domain.metering.watermark import Checkpoint
from shared.domain.time_period import format_instant, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SEQUENCE_DIGITS = 60  # sequence numbers are compared as text, so all are brought to one width


class DynamoStageProgress:
    """The checkpoints of one tenant."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def record(self, stage: str, shard_id: str, sequence_number: str, arrived_at: datetime) -> None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"pk": {"S": self._partition(stage)}, "sk": {"S": shard_id}},
                UpdateExpression="SET sequence_number = :sequence, arrived_at = :arrived",
                ConditionExpression="attribute_not_exists(pk) OR sequence_number < :sequence",
                ExpressionAttributeValues={
                    ":sequence": {"S": sequence_number.zfill(_SEQUENCE_DIGITS)},
                    ":arrived": {"S": format_instant(arrived_at)},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # a later batch was there first, or this is a repeat

    def checkpoints(self, stage: str) -> Mapping[str, Checkpoint]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": self._partition(stage)}},
            ConsistentRead=True,
        )
        return {
            item["sk"]["S"]: Checkpoint(
                item["sequence_number"]["S"].lstrip("0") or "0", parse_instant(item["arrived_at"]["S"])
            )
            for page in pages
            for item in page["Items"]
        }

    def _partition(self, stage: str) -> str:
        return f"{self._tenant}#progress#{stage}"
