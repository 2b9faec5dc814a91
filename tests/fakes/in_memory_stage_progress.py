"""Progress of stages in memory: the last record of each stage and shard."""

from datetime import datetime


class InMemoryStageProgress:
    def __init__(self) -> None:
        self.recorded: dict[tuple[str, str], tuple[str, datetime]] = {}

    def record(self, stage: str, shard_id: str, sequence_number: str, arrived_at: datetime) -> None:
        known = self.recorded.get((stage, shard_id))
        if known is None or int(known[0]) < int(sequence_number):
            self.recorded[stage, shard_id] = (sequence_number, arrived_at)
