"""How invoices stand, and their credit notes, in the invoice's partition of the invoices' table.

An invoice that is neither credited nor adjusted has no item for it. Each count is missing until it is one.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shared.contracts.credit_note import unpack_stored_credit_note
from shared.domain.identifiers import InvoiceId, TenantId
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.standing import Standing
from shared.ports.credit_notes import StoredCreditNote

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import ConditionCheckTypeDef, PutTypeDef

_CREDITED, _ADJUSTED = "issued", "adjusted"


def partition(tenant: TenantId, invoice_id: InvoiceId) -> dict[str, str]:
    return {"S": f"{tenant}#invoice#{invoice_id}"}


def notes_prefix(revision: int) -> str:
    return f"credit#r{revision:03d}#"


def standing_key(tenant: TenantId, invoice_id: InvoiceId, revision: int) -> dict[str, Any]:
    return {"pk": partition(tenant, invoice_id), "sk": {"S": f"credited#r{revision:03d}"}}


def standing_of(invoice_id: InvoiceId, revision: int, item: Mapping[str, Any]) -> Standing:
    """Return what an item says; one that is not there is an empty one."""
    credited, adjusted = (int(item[name]["N"]) if name in item else 0 for name in (_CREDITED, _ADJUSTED))
    return Standing(invoice_id=invoice_id, revision=revision, credited=credited, adjusted=adjusted)


def still(standing: Standing, *, table: str, tenant: TenantId) -> "ConditionCheckTypeDef":
    """Return the check that an invoice stands as it was read."""
    condition, values = _as_read(standing)
    check: ConditionCheckTypeDef = {
        "TableName": table,
        "Key": standing_key(tenant, standing.invoice_id, standing.revision),
        "ConditionExpression": condition,
    }
    if values:
        check["ExpressionAttributeValues"] = values
    return check


def moved(before: Standing, after: Standing, *, table: str, tenant: TenantId) -> "PutTypeDef":
    """Return the write of how an invoice stands, which fails if it does not stand as it was read."""
    condition, values = _as_read(before)
    counts = {_CREDITED: after.credited, _ADJUSTED: after.adjusted}
    put: PutTypeDef = {
        "TableName": table,
        "Item": {
            **standing_key(tenant, after.invoice_id, after.revision),
            **{name: {"N": str(count)} for name, count in counts.items() if count},
        },
        "ConditionExpression": condition,
    }
    if values:
        put["ExpressionAttributeValues"] = values
    return put


def notes_of_invoice(
    dynamodb: "DynamoDBClient", table: str, tenant: TenantId, *, invoice_id: InvoiceId, revision: int
) -> tuple[CreditNote, ...]:
    """Return all credit notes of an invoice, whatever their state, by their requests' ids."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :invoice AND begins_with(sk, :notes)",
        ExpressionAttributeValues={
            ":invoice": partition(tenant, invoice_id),
            ":notes": {"S": notes_prefix(revision)},
        },
        ConsistentRead=True,
    )
    return tuple(stored_note(item).note for page in pages for item in page["Items"])


def stored_note(item: Mapping[str, Any]) -> StoredCreditNote:
    return unpack_stored_credit_note(bytes(item["note"]["B"]))


def _as_read(standing: Standing) -> tuple[str, dict[str, Any]]:
    conditions, values = [], {}
    for name, count in ((_CREDITED, standing.credited), (_ADJUSTED, standing.adjusted)):
        conditions.append(f"{name} = :{name}" if count else f"attribute_not_exists({name})")
        if count:
            values[f":{name}"] = {"N": str(count)}
    return " AND ".join(conditions), values
