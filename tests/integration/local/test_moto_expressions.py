"""Expressions that are read once come to what moto makes of them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

from operations.local.moto_engine.expressions import expressions_are_read_once
from operations.local.moto_engine.repeated_work import repeated_work_is_done_once

TABLE = "invoices"
KEY = {"pk": {"S": "acme"}}
INVOICE = KEY | {
    "state": {"S": "issued"},
    "gross": {"N": "119.00"},
    "lines": {"L": [{"N": "1"}, {"N": "2"}, {"N": "3"}]},
    "told": {"M": {"erp": {"BOOL": False}, "at": {"NULL": True}}},
    "seen": {"SS": ["ann", "bob"]},
    "digest": {"B": b"\x00\xff"},
}
VALUES: dict[str, Any] = {
    ":one": {"N": "1"},
    ":state": {"S": "issued"},
    ":more": {"L": [{"N": "4"}]},
    ":seen": {"SS": ["ann"]},
}
UPDATES = [
    "SET gross = gross + :one, told.erp = :state",
    "SET gross = if_not_exists(paid, :one) - :one REMOVE lines[0], lines[1]",
    "SET #state=:state, lines = list_append(lines, :more)",
    "ADD gross :one DELETE seen :seen",
    "SET pk = :state",  # a key
    "SET gross = :one, gross = :one",
    "SET gross = paid + :one",  # there is no such attribute
    "SET gross + :one",
]
CONDITIONS = [
    "attribute_not_exists(pk)",
    "attribute_exists(pk)   AND #state = :state",
    "gross>=:one",
    "gross <= :one OR gross < :one",
    "(NOT #state<>:state) AND size(#state) > :one",
    "#state IN (:state, :one) AND gross BETWEEN :one AND :one",
    "begins_with(#state, :state) OR contains(seen, :state)",
    "told.erp = :state",
    "lines[0] = :one",
    "#state ! :state",
]


def answers(*patches: AbstractContextManager[None]) -> list[object]:
    """Return what DynamoDB says to each update and each condition, twice each, and what it holds then."""
    with ExitStack() as stack:
        stack.enter_context(mock_aws())
        for patch in patches:
            stack.enter_context(patch)
        dynamodb = boto3.client("dynamodb")
        dynamodb.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        asked = [{"UpdateExpression": update} for update in UPDATES]
        asked += [{"UpdateExpression": "ADD told_times :one", "ConditionExpression": each} for each in CONDITIONS]
        return [answer for one in asked for _ in range(2) for answer in answered(dynamodb, one)]


def answered(dynamodb: Any, asked: dict[str, str]) -> Iterator[object]:
    """Ask of an invoice that is there, and of one that is not."""
    said = " ".join(asked.values())
    dynamodb.put_item(TableName=TABLE, Item=INVOICE)
    for key in (KEY, {"pk": {"S": "globex"}}):
        try:
            dynamodb.update_item(
                TableName=TABLE,
                Key=key,
                ExpressionAttributeValues={name: value for name, value in VALUES.items() if name in said},
                **asked,
                **({"ExpressionAttributeNames": {"#state": "state"}} if "#state" in said else {}),
            )
        except (ClientError, ValueError) as error:  # moto raises what it cannot read
            yield str(error)
        yield dynamodb.get_item(TableName=TABLE, Key=key).get("Item")
        dynamodb.delete_item(TableName=TABLE, Key=key)


def test_each_expression_has_the_same_answer() -> None:
    of_moto = answers()

    assert answers(repeated_work_is_done_once(), expressions_are_read_once()) == of_moto
    assert sum(isinstance(one, str) for one in of_moto) > 20
    assert sum(one is not None for one in of_moto) > 40
