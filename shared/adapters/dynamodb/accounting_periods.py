"""Accounting periods in DynamoDB (port AccountingPeriods): their status, and how much in them is still open."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.posting.accounting_period import AccountingPeriod, PeriodStatus
from shared.domain.time_period import format_instant, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def accounting_period_key(tenant: TenantId, legal_entity_id: LegalEntityId, name: str) -> dict[str, Any]:
    return {"pk": {"S": f"{tenant}#accounting-period#{legal_entity_id}"}, "sk": {"S": name}}


class DynamoAccountingPeriods:
    """The accounting periods of one tenant."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def read(self, legal_entity_id: LegalEntityId, name: str) -> AccountingPeriod:
        key = accounting_period_key(self._tenant, legal_entity_id, name)
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {})
        return AccountingPeriod(
            legal_entity_id=legal_entity_id,
            name=name,
            status=PeriodStatus(item["period_status"]["S"]) if "period_status" in item else PeriodStatus.OPEN,
            unsettled=int(item["unsettled"]["N"]) if "unsettled" in item else 0,
            unrecorded=int(item["unrecorded"]["N"]) if "unrecorded" in item else 0,
            checked_at=parse_instant(item["checked_at"]["S"]) if "checked_at" in item else None,
        )

    def set_status(
        self, legal_entity_id: LegalEntityId, name: str, status: PeriodStatus, *, checked_at: datetime | None = None
    ) -> bool:
        values: dict[str, Any] = {":status": {"S": status.value}}
        checked = ""
        if checked_at is not None:
            checked, values[":checked_at"] = ", checked_at = :checked_at", {"S": format_instant(checked_at)}
        condition: dict[str, Any] = {}
        if status is PeriodStatus.CLOSED:
            nothing_open = " AND ".join(
                f"(attribute_not_exists({count}) OR {count} = :none)" for count in ("unsettled", "unrecorded")
            )
            condition = {"ConditionExpression": nothing_open}
            values[":none"] = {"N": "0"}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=accounting_period_key(self._tenant, legal_entity_id, name),
                UpdateExpression=f"SET period_status = :status{checked}",
                ExpressionAttributeValues=values,
                **condition,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True
