"""One record of a stream as it arrived, before anything of it was understood."""

from datetime import datetime
from typing import NamedTuple


class StreamRecord(NamedTuple):
    """One Kinesis record. `arrived_at` is UTC; sequence numbers are unique within a shard.

    A tuple, because one is made for every record of every batch, and nothing is made faster.
    """

    shard_id: str
    sequence_number: str
    arrived_at: datetime
    data: bytes
