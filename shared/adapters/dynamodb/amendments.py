"""Amendments in the table of master data (ports AmendmentRequests and RecordedAmendments).

Whatever changes what readers see counts up a number beside the pointer to the published version, on the condition that
neither has moved: so amendments and publications come one after the other, and each was checked against all before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shared.adapters.dynamodb.master_data_keys import (
    CHANGES,
    POINTER,
    amendments_key,
    amendments_partition,
    changes_of,
    pointer_key,
)
from shared.contracts.amendment import dump_recorded, dump_request, read_recorded, read_request
from shared.domain.identifiers import CatalogVersion, CustomerId, TenantId
from shared.domain.master_data.recorded_amendments import MasterDataStanding, RecordedAmendment
from shared.domain.subscriptions.amendment_request import AmendmentRequest, AmendmentRequestId, AmendmentState
from shared.ports.amendments import MasterDataMovedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_NEW = "attribute_not_exists(pk)"
_IN_STATE = "#state = :before"


class DynamoAmendments:
    """Those of one tenant."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def read(self, request_id: AmendmentRequestId) -> AmendmentRequest | None:
        item = self._get(self._request_key(request_id))
        return read_request(item["body"]["S"]) if item else None

    def standing(self) -> MasterDataStanding | None:
        item = self._get(pointer_key(self._tenant))
        return (
            MasterDataStanding(version=CatalogVersion(item[POINTER]["S"]), changes=changes_of(item)) if item else None
        )

    def every(self) -> tuple[int, Mapping[CustomerId, Sequence[RecordedAmendment]]]:
        standing = self.standing()
        if standing is None or not standing.changes:
            return 0, {}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": amendments_partition(self._tenant)}},
            ConsistentRead=True,
        )
        rows = {item["sk"]["S"]: read_recorded(item["body"]["S"]) for page in pages for item in page["Items"]}
        standing_rows = {
            CustomerId(customer_id): [one for one in recorded if one.stands_after(standing.changes)]
            for customer_id, recorded in rows.items()
        }
        return standing.changes, {customer_id: recorded for customer_id, recorded in standing_rows.items() if recorded}

    def refuse(self, request: AmendmentRequest) -> None:
        self._write([self._request_write(request, None)])

    def record(self, request: AmendmentRequest, standing: MasterDataStanding) -> None:
        assert request.amendment is not None, "only what was not refused is recorded"
        added = RecordedAmendment(
            request_id=request.asked.request_id,
            contract_id=request.asked.contract_id,
            amendment=request.amendment,
            since=standing.changes + 1,
        )
        recorded = (*self._recorded(request), added)
        self._write([self._request_write(request, None), *self._change(request, recorded, standing)])

    def withdraw(self, request: AmendmentRequest, before: AmendmentState, standing: MasterDataStanding) -> None:
        recorded = [
            replace(one, until=standing.changes + 1) if one.request_id == request.asked.request_id else one
            for one in self._recorded(request)
        ]
        self._write([self._request_write(request, before), *self._change(request, recorded, standing)])

    def save(self, request: AmendmentRequest, before: AmendmentState) -> None:
        self._write([self._request_write(request, before)])

    def _recorded(self, request: AmendmentRequest) -> tuple[RecordedAmendment, ...]:
        item = self._get(amendments_key(self._tenant, request.asked.customer_id))
        return read_recorded(item["body"]["S"]) if item else ()

    def _change(
        self, request: AmendmentRequest, recorded: Sequence[RecordedAmendment], standing: MasterDataStanding
    ) -> "list[TransactWriteItemTypeDef]":
        key = amendments_key(self._tenant, request.asked.customer_id)
        return [
            {"Put": {"TableName": self._table, "Item": {**key, "body": {"S": dump_recorded(recorded)}}}},
            {
                "Update": {
                    "TableName": self._table,
                    "Key": pointer_key(self._tenant),
                    "UpdateExpression": "SET #changes = :after",
                    "ConditionExpression": (
                        "#version = :version AND "
                        "(#changes = :changes OR (attribute_not_exists(#changes) AND :changes = :none))"
                    ),
                    "ExpressionAttributeNames": {"#version": POINTER, "#changes": CHANGES},
                    "ExpressionAttributeValues": {
                        ":version": {"S": standing.version},
                        ":changes": {"N": str(standing.changes)},
                        ":after": {"N": str(standing.changes + 1)},
                        ":none": {"N": "0"},
                    },
                }
            },
        ]

    def _request_write(self, request: AmendmentRequest, before: AmendmentState | None) -> "TransactWriteItemTypeDef":
        item = {
            **self._request_key(request.asked.request_id),
            "state": {"S": request.state.value},
            "body": {"S": dump_request(request)},
        }
        if before is None:
            return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": _NEW}}
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": _IN_STATE,
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": {":before": {"S": before.value}},
            }
        }

    def _write(self, writes: "Sequence[TransactWriteItemTypeDef]") -> None:
        # The client repeats a write whose reply was lost under one token, so that it never meets itself.
        try:
            self._client.transact_write_items(TransactItems=writes)
        except self._client.exceptions.TransactionCanceledException as error:
            raise MasterDataMovedError("master data or the request has changed since it was read") from error

    def _get(self, key: "Mapping[str, Any]") -> Any:  # noqa: ANN401 - an item
        return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")

    def _request_key(self, request_id: AmendmentRequestId) -> dict[str, Any]:
        return {"pk": {"S": f"{self._tenant}#amendment-request#{request_id}"}, "sk": {"S": "request"}}
