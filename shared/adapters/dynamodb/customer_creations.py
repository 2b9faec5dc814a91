"""Creations of customers in DynamoDB (port CustomerCreations): one item each, beside the line before its ERP."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from shared.domain.identifiers import TenantId
from shared.domain.posting.customer_creation import Creation
from shared.domain.time_period import format_instant, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoCustomerCreations:
    """Those of one tenant. An item stays behind, and is in nobody's way once it has ended."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def begin(self, connection: str, key: str, creation: Creation, *, looked_up_at: datetime) -> Creation | None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._key(connection, key),
                UpdateExpression="SET began_at = :began_at, ends_at = :ends_at",
                ConditionExpression="attribute_not_exists(ends_at) OR ends_at <= :looked_up_at",
                ExpressionAttributeValues={
                    ":began_at": {"S": format_instant(creation.began_at)},
                    ":ends_at": {"S": format_instant(creation.until)},
                    ":looked_up_at": {"S": format_instant(looked_up_at)},
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            item = cast("dict[str, Any]", error.response)["Item"]
            began_at, until = parse_instant(item["began_at"]["S"]), parse_instant(item["ends_at"]["S"])
            return Creation(began_at=began_at, until=until)
        return None

    def end(self, connection: str, key: str, creation: Creation, *, at: datetime) -> None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._key(connection, key),
                UpdateExpression="SET ends_at = :at",
                ConditionExpression="began_at = :began_at AND ends_at = :ends_at",
                ExpressionAttributeValues={
                    ":began_at": {"S": format_instant(creation.began_at)},
                    ":ends_at": {"S": format_instant(creation.until)},
                    ":at": {"S": format_instant(at)},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # it was ended, or is over and another's by now

    def _key(self, connection: str, key: str) -> dict[str, Any]:
        return {"pk": {"S": f"{self._tenant}#connection#{connection}"}, "sk": {"S": f"customer#{key}"}}
