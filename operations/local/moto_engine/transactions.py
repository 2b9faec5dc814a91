"""DynamoDB transactions at a cost that does not grow with the tables.

Moto backs up every touched table, item by item, once for each action of a transaction: 90 ms at a thousand items. What
a transaction can change is the items it names; so only those are kept, and put back when it is cancelled.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import moto.dynamodb.models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from operations.local.patching import replaced

_transact_write_items = DynamoDBBackend.transact_write_items


@contextmanager
def transactions_keep_only_their_items() -> Iterator[None]:
    tables_are_not_copied = SimpleNamespace(deepcopy=_deepcopy_but_tables, copy=copy.copy)
    with (
        replaced(moto.dynamodb.models, "copy", tables_are_not_copied),
        replaced(DynamoDBBackend, "transact_write_items", _transact),
    ):
        yield


def _deepcopy_but_tables(value: Any) -> Any:  # noqa: ANN401 - stands in for copy.deepcopy
    return value if isinstance(value, Table) else copy.deepcopy(value)


def _transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    before = [kept for action in transact_items for kept in _item_before(backend, action)]
    try:
        _transact_write_items(backend, transact_items)
    except Exception:
        for table, hash_key, range_key, item in before:
            _put_back(table, hash_key, range_key, item)
        raise


_Kept = tuple[Table, DynamoType, DynamoType | None, Any]


def _item_before(backend: DynamoDBBackend, action: dict[str, Any]) -> Iterator[_Kept]:
    operation = next(iter(action.values()))
    table = backend.tables.get(operation.get("TableName"))
    key = operation.get("Item") or operation.get("Key") or {}
    if table is None or table.hash_key_attr not in key:
        return
    if table.range_key_attr is not None and table.range_key_attr not in key:
        return
    hash_key = DynamoType(key[table.hash_key_attr])
    range_key = DynamoType(key[table.range_key_attr]) if table.range_key_attr else None
    yield table, hash_key, range_key, copy.deepcopy(table.get_item(hash_key, range_key))


def _put_back(table: Table, hash_key: DynamoType, range_key: DynamoType | None, item: Any) -> None:  # noqa: ANN401
    items: dict[DynamoType, Any] = table.items
    collection, key = (items, hash_key) if range_key is None else (items[hash_key], range_key)
    if item is None:
        collection.pop(key, None)
    else:
        collection[key] = item
