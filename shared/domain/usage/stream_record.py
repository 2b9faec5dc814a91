"""One record of a stream as it arrived, before anything of it was understood."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """One Kinesis record. `arrived_at` is UTC; sequence numbers are unique within a shard."""

    shard_id: str
    sequence_number: str
    arrived_at: datetime
    data: bytes
