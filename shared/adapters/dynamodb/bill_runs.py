"""Selections, batches and claims of bill runs in DynamoDB (ports BillRuns and InvoiceClaims)."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from shared.contracts.bill_run import (
    dump_claim,
    dump_selection,
    pack_accounts,
    read_claim,
    read_selection,
    unpack_accounts,
)
from shared.domain.identifiers import InvoiceId, TenantId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId, BillRunSelection, InvoiceClaim
from shared.ports.bill_runs import ClaimTakenError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SELECTION = "selection"


class DynamoBillRuns:
    """What each bill run of a tenant selected. Batches first, the selection that names them last."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._tenant = tenant

    def selection(self, bill_run_id: BillRunId) -> BillRunSelection | None:
        item = self._get(bill_run_id, _SELECTION)
        return read_selection(item["selection"]["S"]) if item else None

    def add_batch(self, bill_run_id: BillRunId, accounts: Sequence[BillingAccount]) -> str:
        body = pack_accounts(accounts)
        name = hashlib.sha256(body).hexdigest()[:16]
        item = {**self._key(bill_run_id, _batch(name)), "accounts": {"B": body}}
        self._dynamodb.put_item(TableName=self._table, Item=item)
        return name

    def batch(self, bill_run_id: BillRunId, name: str) -> tuple[BillingAccount, ...]:
        item = self._get(bill_run_id, _batch(name))
        if item is None:
            raise KeyError(f"{bill_run_id} has no batch {name}")
        return unpack_accounts(bytes(item["accounts"]["B"]))

    def save_selection(self, selection: BillRunSelection) -> BillRunSelection:
        item = {
            **self._key(selection.bill_run_id, _SELECTION),
            "selection": {"S": dump_selection(selection)},
        }
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            stored = cast("dict[str, Any]", error.response)["Item"]
            return read_selection(stored["selection"]["S"])
        return selection

    def _get(self, bill_run_id: BillRunId, sort_key: str) -> dict[str, Any] | None:
        reply = self._dynamodb.get_item(
            TableName=self._table, Key=self._key(bill_run_id, sort_key), ConsistentRead=True
        )
        return cast("dict[str, Any] | None", reply.get("Item"))

    def _key(self, bill_run_id: BillRunId, sort_key: str) -> dict[str, Any]:
        return {"pk": {"S": f"{self._tenant}#{bill_run_id}"}, "sk": {"S": sort_key}}


def _batch(name: str) -> str:
    return f"batch#{name}"


class DynamoInvoiceClaims:
    """The claims of a tenant: one item per invoice and revision, which never expires."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._tenant = tenant

    def read(self, invoice_id: InvoiceId, revision: int) -> InvoiceClaim | None:
        reply = self._dynamodb.get_item(TableName=self._table, Key=self._key(invoice_id, revision), ConsistentRead=True)
        return read_claim(reply["Item"]["claim"]["S"]) if "Item" in reply else None

    def take(self, claim: InvoiceClaim) -> None:
        item = {
            **self._key(claim.invoice_id, claim.revision),
            "attempt": {"N": str(claim.attempt)},
            "claim": {"S": dump_claim(claim)},
        }
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=item,
                # Attempts start at 1, so that "none before" and "the one before" are one condition.
                ConditionExpression="attempt = :before OR (attribute_not_exists(pk) AND :before = :none)",
                ExpressionAttributeValues={":before": {"N": str(claim.attempt - 1)}, ":none": {"N": "0"}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            if cast("dict[str, Any]", error.response).get("Item") != item:
                raise ClaimTakenError(claim.invoice_id) from error

    def _key(self, invoice_id: InvoiceId, revision: int) -> dict[str, Any]:
        return {"pk": {"S": f"{self._tenant}#claim#{invoice_id}"}, "sk": {"S": f"claim#r{revision:03d}"}}
