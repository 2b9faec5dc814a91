"""PutRecords until every record is taken, or none is taken any more."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

MAX_RECORDS_A_CALL = 500
MAX_BYTES_A_CALL = 5_000_000
MAX_ATTEMPTS = 5  # in a row, of which none took a record
_FIRST_PAUSE_SECONDS = 0.1
_HASH_KEY_BITS = 128


def group_record(group: int, data: bytes) -> "PutRecordsRequestEntryTypeDef":
    """Make a record of one group, which is its partition key: one bucket of the ledger is written by one lane.

    The groups are laid over the shards by their number with its bits in reverse, which is even for few groups, too. The
    MD5 that Kinesis would take of the keys 0 to 3 falls into one quarter of the shards for all of them.
    """
    return {
        "PartitionKey": str(group),
        "ExplicitHashKey": str(int(f"{group:0{_HASH_KEY_BITS}b}"[::-1], 2)),
        "Data": data,
    }


def put_until_taken(
    client: "KinesisClient",
    stream_name: str,
    records: "Sequence[PutRecordsRequestEntryTypeDef]",
    *,
    pause: Callable[[float], None],
) -> frozenset[int]:
    """Put the records of one call, again those that were refused; return the places of those that never were taken.

    A shard takes a megabyte a second, and a full batch is several: as long as some are taken, the rest has only to
    wait. Repeated whole, the batch would meet the same limit again.
    """
    left = list(range(len(records)))
    refusals = 0
    while left and refusals < MAX_ATTEMPTS:
        if refusals:
            pause(_FIRST_PAUSE_SECONDS * 2 ** (refusals - 1))
        answer = client.put_records(StreamName=stream_name, Records=[records[place] for place in left])
        results = zip(left, answer["Records"], strict=True)
        refused = [place for place, result in results if "SequenceNumber" not in result]
        refusals = 1 if len(refused) < len(left) else refusals + 1
        left = refused
    return frozenset(left)
