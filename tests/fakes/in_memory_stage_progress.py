"""Progress of stages in memory: the last record of each stage and shard."""

from collections.abc import Mapping
from datetime import datetime

from shared.domain.metering.watermark import Checkpoint


class InMemoryStageProgress:
    def __init__(self) -> None:
        self.recorded: dict[tuple[str, str], Checkpoint] = {}

    def record(self, stage: str, shard_id: str, sequence_number: str, arrived_at: datetime) -> None:
        known = self.recorded.get((stage, shard_id))
        if known is None or int(known.sequence_number) < int(sequence_number):
            self.recorded[stage, shard_id] = Checkpoint(sequence_number, arrived_at)

    def checkpoints(self, stage: str) -> Mapping[str, Checkpoint]:
        return {shard_id: reached for (of_stage, shard_id), reached in self.recorded.items() if of_stage == stage}
