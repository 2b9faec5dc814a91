"""Signs of life in DynamoDB (ports SignsOfLife and LastSigns), beside the ledger: one item a source and sign."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.adapters.dynamodb.batches import get_all
from shared.domain.identifiers import TenantId
from shared.domain.producers.signs_of_life import Heard, Sign
from shared.domain.time_period import format_instant, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# Anybody may call itself anything: names that are not heard again vanish. No source may be quiet for as long.
KEPT_FOR = timedelta(days=60)


class DynamoSignsOfLife:
    """The signs of one tenant's sources."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def record(self, heard: Heard) -> None:
        for (source, sign), arrived_at in heard.items():
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=self._key(source, sign),
                    UpdateExpression="SET heard_at = :heard, expires_at = :expires",
                    ConditionExpression="attribute_not_exists(pk) OR heard_at < :heard",
                    ExpressionAttributeValues={
                        ":heard": {"S": format_instant(arrived_at)},
                        ":expires": {"N": str(int((arrived_at + KEPT_FOR).timestamp()))},
                    },
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                continue  # another shard has heard of it later

    def last_heard(self, sources: Collection[str]) -> Heard:
        keys = [self._key(source, sign) for source in sources for sign in Sign]
        return {
            (item["sk"]["S"], Sign(item["pk"]["S"].rpartition("#")[2])): parse_instant(item["heard_at"]["S"])
            for item in get_all(self._client, self._table, keys)
        }

    def _key(self, source: str, sign: Sign) -> "Mapping[str, AttributeValueTypeDef]":
        return {"pk": {"S": f"{self._tenant}#heard#{sign}"}, "sk": {"S": source}}
