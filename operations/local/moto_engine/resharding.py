"""Shards that close: their records stay where they are, and new ones go to the shards that took over.

Moto sends what is put after a split to the shard that was split, and copies the records of merged shards into the new
one, so that they are read twice. A hash key that ends a shard's range belongs to none of its shards.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import md5

from moto.kinesis.models import Shard, Stream

from operations.local.patching import replaced

_split_shard = Stream.split_shard
_merge_shards = Stream.merge_shards
_shard_for_key = Stream.get_shard_for_key


@contextmanager
def closed_shards_keep_their_records() -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(replaced(Stream, "split_shard", _split))
        stack.enter_context(replaced(Stream, "merge_shards", _merge))
        stack.enter_context(replaced(Stream, "get_shard_for_key", _open_shard_of_key))
        yield


def _split(stream: Stream, shard_to_split: str, new_starting_hash_key: str) -> None:
    with _records_stay(stream.shards[shard_to_split]):
        _split_shard(stream, shard_to_split, new_starting_hash_key)


def _merge(stream: Stream, shard_to_merge: str, adjacent_shard_to_merge: str) -> None:
    with _records_stay(stream.shards[shard_to_merge]), _records_stay(stream.shards[adjacent_shard_to_merge]):
        _merge_shards(stream, shard_to_merge, adjacent_shard_to_merge)


@contextmanager
def _records_stay(shard: Shard) -> Iterator[None]:
    records, shard.records = shard.records, OrderedDict()
    try:
        yield
    finally:
        shard.records = records


def _open_shard_of_key(stream: Stream, partition_key: str, explicit_hash_key: str) -> Shard | None:
    _shard_for_key(stream, partition_key, explicit_hash_key)  # refuses what is no key
    digest = md5(partition_key.encode(), usedforsecurity=False).hexdigest()
    hash_key = int(explicit_hash_key) if explicit_hash_key else int(digest, 16)
    return next(
        (
            shard
            for shard in stream.shards.values()
            if shard.is_open and shard.starting_hash <= hash_key <= shard.ending_hash
        ),
        None,
    )
