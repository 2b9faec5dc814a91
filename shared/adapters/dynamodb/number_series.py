"""How far a series of legal numbers has come: an item that moves by one, in the transaction that gives the number.

Invoices and credit notes have it in common; each series is one legal entity's and one prefix's.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.invoicing.numbering import InvoiceSeries

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef


class DynamoNumberSeries:
    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._tenant = tenant

    def read(self, legal_entity_id: LegalEntityId, prefix: str) -> InvoiceSeries:
        reply = self._dynamodb.get_item(
            TableName=self._table, Key=self._key(legal_entity_id, prefix), ConsistentRead=True
        )
        fresh = InvoiceSeries(legal_entity_id=legal_entity_id, prefix=prefix)
        if "Item" not in reply:
            return fresh
        item = reply["Item"]
        return InvoiceSeries(
            legal_entity_id=legal_entity_id,
            prefix=prefix,
            last=int(item["last"]["N"]),
            last_date=date.fromisoformat(item["last_date"]["S"]),
        )

    def write(self, series: InvoiceSeries) -> "TransactWriteItemTypeDef":
        """Return what moves the series to its last number; it fails where another transaction was faster."""
        put: PutTypeDef = {
            "TableName": self._table,
            "Item": {
                **self._key(series.legal_entity_id, series.prefix),
                "last": {"N": str(series.last)},
                "last_date": {"S": series.last_date.isoformat()},
            },
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        if series.last > 1:
            put["ConditionExpression"] = "#last = :before"
            put["ExpressionAttributeNames"] = {"#last": "last"}
            put["ExpressionAttributeValues"] = {":before": {"N": str(series.last - 1)}}
        return {"Put": put}

    def _key(self, legal_entity_id: LegalEntityId, prefix: str) -> dict[str, Any]:
        return {"pk": {"S": f"{self._tenant}#series#{legal_entity_id}"}, "sk": {"S": f"series#{prefix}"}}
