"""Replays in DynamoDB (port Replays): one item each, moved on by whoever knew where it was."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from shared.contracts.progress_text import read_progress, write_progress
from shared.contracts.replay import replay_event
from shared.domain.identifiers import TenantId
from shared.domain.replay.progress import ReplayProgress
from shared.domain.replay.request import ReplayRequest
from shared.domain.time_period import format_instant
from shared.ports.replays import OtherReplayError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UniversalAttributeValueTypeDef


class DynamoReplays:
    """The replays of one tenant."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def begin(self, request: ReplayRequest, at: datetime) -> ReplayProgress:
        asked = json.dumps(replay_event(request), sort_keys=True)
        kept = self._client.update_item(
            TableName=self._table,
            Key=self._key(request.replay_id),
            # What is there already stays: this asks and begins in one.
            UpdateExpression="SET asked_for = if_not_exists(asked_for, :asked),"
            " begun_at = if_not_exists(begun_at, :at), progress = if_not_exists(progress, :progress)",
            ExpressionAttributeValues={
                ":asked": {"S": asked},
                ":at": {"S": format_instant(at)},
                ":progress": {"S": write_progress(ReplayProgress())},
            },
            ReturnValues="ALL_NEW",
        )["Attributes"]
        if kept["asked_for"]["S"] != asked:
            raise OtherReplayError(f"replay {request.replay_id} is of something else: {kept['asked_for']['S']}")
        return read_progress(kept["progress"]["S"])

    def advance(self, replay_id: str, known: ReplayProgress, reached: ReplayProgress, at: datetime) -> bool:
        values: dict[str, UniversalAttributeValueTypeDef] = {
            ":known": {"S": write_progress(known)},
            ":reached": {"S": write_progress(reached)},
            ":at": {"S": format_instant(at)},
        }
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._key(replay_id),
                UpdateExpression="SET progress = :reached, advanced_at = :at",
                # It may be there already, by this call tried again by the client.
                ConditionExpression="progress = :known OR progress = :reached",
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _key(self, replay_id: str) -> "dict[str, UniversalAttributeValueTypeDef]":
        return {"pk": {"S": f"{self._tenant}#replays"}, "sk": {"S": replay_id}}
