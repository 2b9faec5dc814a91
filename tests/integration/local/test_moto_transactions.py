"""Transactions that keep only their own items are cancelled as completely as moto's."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from operations.local.moto_engine.transactions import transactions_keep_only_their_items

TABLE = "invoices"


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    with mock_aws(), transactions_keep_only_their_items():
        client = boto3.client("dynamodb")
        client.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


def key(sk: str) -> dict[str, Any]:
    return {"pk": {"S": "acme"}, "sk": {"S": sk}}


def put(sk: str, **attributes: Any) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": key(sk) | attributes}}


def count_up(sk: str) -> dict[str, Any]:
    update = {"UpdateExpression": "ADD last_number :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    return {"Update": {"TableName": TABLE, "Key": key(sk)} | update}


def that_exists(sk: str) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": TABLE, "Key": key(sk), "ConditionExpression": "attribute_exists(pk)"}}


def contents(dynamodb: Any) -> list[Any]:
    return sorted(dynamodb.scan(TableName=TABLE)["Items"], key=lambda item: item["sk"]["S"])


def test_a_transaction_takes_effect(dynamodb: Any) -> None:
    dynamodb.transact_write_items(TransactItems=[put("r001"), count_up("series")])

    assert contents(dynamodb) == [key("r001"), key("series") | {"last_number": {"N": "1"}}]


@pytest.mark.parametrize(
    ("rule", "actions"),
    [
        ("a put of a new item", [put("r002")]),
        ("a put over an item", [put("r001", state={"S": "issued"})]),
        ("an update of an item", [count_up("series")]),
        ("an update that makes an item", [count_up("another")]),
        ("a delete", [{"Delete": {"TableName": TABLE, "Key": key("r001")}}]),
        ("all at once", [put("r001", state={"S": "issued"}), put("r002"), count_up("series"), count_up("another")]),
    ],
)
def test_a_cancelled_transaction_changes_nothing(dynamodb: Any, rule: str, actions: list[Any]) -> None:
    dynamodb.transact_write_items(TransactItems=[put("r001", state={"S": "draft"}), count_up("series")])
    before = contents(dynamodb)

    with pytest.raises(ClientError, match="TransactionCanceledException"):
        dynamodb.transact_write_items(TransactItems=[*actions, that_exists("nothing")])

    assert contents(dynamodb) == before, rule


def test_two_actions_on_one_item_are_refused_and_change_nothing(dynamodb: Any) -> None:
    with pytest.raises(ClientError, match="multiple operations on one item"):
        dynamodb.transact_write_items(TransactItems=[put("r001"), count_up("r001")])

    assert contents(dynamodb) == []
