"""DynamoDB queries at a cost that does not grow with the table.

Moto sorts all items of the table for every query, to look at those of one partition. A query of the table itself can
only find items of its partition, and one of an index sorts what it finds; so neither needs the whole table sorted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from operations.local.patching import replaced

_query = Table.query


@contextmanager
def queries_look_at_their_partition() -> Iterator[None]:
    with replaced(Table, "query", _query_partition):
        yield


def _query_partition(
    table: Table,
    hash_key: DynamoType | None,
    range_comparison: str | None,
    range_objs: list[DynamoType],
    limit: int,
    exclusive_start_key: dict[str, Any],
    scan_index_forward: bool,  # noqa: FBT001 - moto's signature
    projection_expressions: list[list[str]] | None,
    index_name: str | None = None,
    *rest: Any,  # noqa: ANN401
    **options: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    partitions: dict[DynamoType, dict[DynamoType, Item]] = table.items
    if table.range_key_attr:
        looked_at = partitions.values() if index_name else [partitions.get(hash_key, {})] if hash_key else []
        candidates = [item for partition in looked_at for item in partition.values()]
        vars(table)["all_items"] = lambda: candidates
    try:
        return _query(
            table,
            hash_key,
            range_comparison,
            range_objs,
            limit,
            exclusive_start_key,
            scan_index_forward,
            projection_expressions,
            index_name,
            *rest,
            **options,
        )
    finally:
        vars(table).pop("all_items", None)
