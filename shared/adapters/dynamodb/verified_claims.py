"""How far claims are verified, in one item beside the ledger (port VerifiedClaims)."""

from datetime import datetime
from typing import TYPE_CHECKING

from shared.domain.identifiers import TenantId
from shared.domain.time_period import format_instant, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoVerifiedClaims:
    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._key = {"pk": {"S": f"{tenant}#verified-claims"}, "sk": {"S": "until"}}

    def until(self) -> datetime | None:
        answer = self._client.get_item(TableName=self._table, Key=self._key, ConsistentRead=True)
        return parse_instant(answer["Item"]["arrived"]["S"]) if "Item" in answer else None

    def remember(self, until: datetime) -> None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression="SET arrived = :until",
                ConditionExpression="attribute_not_exists(pk) OR arrived < :until",
                ExpressionAttributeValues={":until": {"S": format_instant(until)}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # another run was further, or this is a repeat
