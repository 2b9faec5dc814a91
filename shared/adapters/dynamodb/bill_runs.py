"""What bill runs keep in DynamoDB (ports BillRuns, BillRunRecords and InvoiceClaims)."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from shared.adapters.dynamodb.batches import get_all
from shared.contracts.bill_run import (
    dump_claim,
    dump_selection,
    pack_accounts,
    read_claim,
    read_selection,
    unpack_accounts,
)
from shared.contracts.bill_run_record import dump_approval, dump_record, read_approval, read_record
from shared.domain.identifiers import InvoiceId, TenantId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId, BillRunSelection, InvoiceClaim
from shared.domain.invoicing.bill_run_record import BillRunApproval, BillRunRecord
from shared.ports.bill_runs import ClaimTakenError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SELECTION, _RECORD, _APPROVAL, _TEXT = "selection", "record", "approval", "text"


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
        # Listed first: a name without a selection is no bill run, a selection that is not listed would be forgotten.
        self._dynamodb.put_item(
            TableName=self._table, Item={"pk": {"S": _listing(self._tenant)}, "sk": {"S": selection.bill_run_id}}
        )
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


def _listing(tenant: TenantId) -> str:
    return f"{tenant}#bill-runs"


class DynamoBillRunRecords:
    """What became of each bill run of a tenant, beside its selection."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._tenant = tenant
        self._bill_runs = DynamoBillRuns(dynamodb, table, tenant)

    def newest(self, most: int) -> Iterator[BillRunId]:
        # Names sort as their scheduled times do.
        items = self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": _listing(self._tenant)}},
            ScanIndexForward=False,
            Limit=most,
            ConsistentRead=True,
        )["Items"]
        names = (BillRunId(item["sk"]["S"]) for item in items)
        return (name for name in names if self._bill_runs.selection(name) is not None)

    def read(self, bill_run_id: BillRunId) -> BillRunRecord | None:
        text = self._text(bill_run_id, _RECORD)
        return read_record(text) if text else None

    def save(self, record: BillRunRecord) -> None:
        item = {**self._key(record.bill_run_id, _RECORD), _TEXT: {"S": dump_record(record)}}
        self._dynamodb.put_item(TableName=self._table, Item=item)

    def approval(self, bill_run_id: BillRunId) -> BillRunApproval | None:
        text = self._text(bill_run_id, _APPROVAL)
        return read_approval(text) if text else None

    def approve(self, bill_run_id: BillRunId, approval: BillRunApproval) -> BillRunApproval:
        item = {**self._key(bill_run_id, _APPROVAL), _TEXT: {"S": dump_approval(approval)}}
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            return read_approval(cast("dict[str, Any]", error.response)["Item"][_TEXT]["S"])
        return approval

    def _text(self, bill_run_id: BillRunId, sort_key: str) -> str:
        reply = self._dynamodb.get_item(
            TableName=self._table, Key=self._key(bill_run_id, sort_key), ConsistentRead=True
        )
        return reply["Item"][_TEXT]["S"] if "Item" in reply else ""

    def _key(self, bill_run_id: BillRunId, sort_key: str) -> dict[str, Any]:
        return {"pk": {"S": f"{self._tenant}#{bill_run_id}"}, "sk": {"S": sort_key}}


class DynamoInvoiceClaims:
    """The claims of a tenant: one item per invoice and revision, which never expires."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._tenant = tenant

    def read(self, invoice_id: InvoiceId, revision: int) -> InvoiceClaim | None:
        reply = self._dynamodb.get_item(TableName=self._table, Key=self._key(invoice_id, revision), ConsistentRead=True)
        return read_claim(reply["Item"]["claim"]["S"]) if "Item" in reply else None

    def read_many(self, invoice_ids: Collection[InvoiceId], revision: int) -> Mapping[InvoiceId, InvoiceClaim]:
        keys = [self._key(invoice_id, revision) for invoice_id in dict.fromkeys(invoice_ids)]
        found = (read_claim(item["claim"]["S"]) for item in get_all(self._dynamodb, self._table, keys))
        return {claim.invoice_id: claim for claim in found}

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
