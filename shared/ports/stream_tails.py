"""What lies on a stream beyond the checkpoints of those who read it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from shared.domain.metering.watermark import Checkpoint, ShardPosition


class StreamTails(Protocol):
    def positions(self, stream: str, checkpoints: Mapping[str, Checkpoint]) -> Sequence[ShardPosition]:
        """Return, for every shard that still holds records, open or closed, whether any lies beyond the checkpoint."""
