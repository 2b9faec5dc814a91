"""Accounting periods in DynamoDB (port AccountingPeriods): their status, and how much in them is still open."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.posting.accounting_period import AccountingPeriod, KnownPeriods, PeriodStatus
from shared.domain.time_period import format_instant, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CHECKED, _LOOKED_UP = "#checked", "#looked-up"  # beside the periods, under names that none of them has


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
        return _period(legal_entity_id, name, item)

    def known(self, legal_entity_id: LegalEntityId) -> KnownPeriods:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": accounting_period_key(self._tenant, legal_entity_id, _CHECKED)["pk"]},
            ConsistentRead=True,
        )
        items = {item["sk"]["S"]: item for page in pages for item in page["Items"]}
        checked, looked_up = items.pop(_CHECKED, None), items.pop(_LOOKED_UP, {})
        return KnownPeriods(
            {name: _period(legal_entity_id, name, item) for name, item in items.items()},
            parse_instant(checked["checked_at"]["S"]) if checked else None,
            # One that was written before names were kept tells none.
            frozenset(name["S"] for name in checked["told"]["L"]) if checked and "told" in checked else frozenset(),
            date.fromisoformat(looked_up["through"]["S"]) if "through" in looked_up else None,
        )

    def set_status(self, legal_entity_id: LegalEntityId, name: str, status: PeriodStatus) -> AccountingPeriod | None:
        values: dict[str, Any] = {":status": {"S": status.value}}
        condition: dict[str, Any] = {}
        if status is PeriodStatus.CLOSED:
            nothing_open = " AND ".join(
                f"(attribute_not_exists({count}) OR {count} = :none)" for count in ("unsettled", "unrecorded")
            )
            condition = {"ConditionExpression": nothing_open}
            values[":none"] = {"N": "0"}
        try:
            changed = self._client.update_item(
                TableName=self._table,
                Key=accounting_period_key(self._tenant, legal_entity_id, name),
                UpdateExpression="SET period_status = :status",
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
                **condition,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return _period(legal_entity_id, name, changed["Attributes"])

    def mark_checked(self, legal_entity_id: LegalEntityId, checked_at: datetime, told: Collection[str]) -> None:
        key = accounting_period_key(self._tenant, legal_entity_id, _CHECKED)
        names: dict[str, Any] = {"L": [{"S": name} for name in sorted(told)]}
        item = {**key, "checked_at": {"S": format_instant(checked_at)}, "told": names}
        self._client.put_item(TableName=self._table, Item=item)

    def mark_looked_up(self, legal_entity_id: LegalEntityId, through: date | None) -> None:
        key = accounting_period_key(self._tenant, legal_entity_id, _LOOKED_UP)
        item = key | ({"through": {"S": through.isoformat()}} if through else {})
        self._client.put_item(TableName=self._table, Item=item)


def _period(legal_entity_id: LegalEntityId, name: str, item: Mapping[str, Any]) -> AccountingPeriod:
    return AccountingPeriod(
        legal_entity_id=legal_entity_id,
        name=name,
        status=PeriodStatus(item["period_status"]["S"]) if "period_status" in item else PeriodStatus.OPEN,
        unsettled=int(item["unsettled"]["N"]) if "unsettled" in item else 0,
        unrecorded=int(item["unrecorded"]["N"]) if "unrecorded" in item else 0,
    )
