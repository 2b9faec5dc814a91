"""How many invoices of a contract were voided: one item a contract, in the invoices' table, once there is one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shared.domain.identifiers import ContractId, TenantId

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import PutTypeDef

_COUNT = "voids"


def voids_key(tenant: TenantId, contract_id: ContractId) -> dict[str, Any]:
    return {"pk": {"S": f"{tenant}#contract#{contract_id}"}, "sk": {"S": "voids"}}


def voids_of(item: Mapping[str, Any]) -> int:
    """Return what an item says; one that is not there is an empty one."""
    return int(item[_COUNT]["N"]) if item else 0


def one_more_void(contract_id: ContractId, number: int, *, table: str, tenant: TenantId) -> "PutTypeDef":
    """Return the write of the count, which fails unless there is one less."""
    put: PutTypeDef = {
        "TableName": table,
        "Item": {**voids_key(tenant, contract_id), _COUNT: {"N": str(number)}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    if number > 1:
        put["ConditionExpression"] = f"{_COUNT} = :before"
        put["ExpressionAttributeValues"] = {":before": {"N": str(number - 1)}}
    return put
