"""How far each stage of the road has come on each shard of the stream it reads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from shared.domain.metering.watermark import Checkpoint


class StageProgress(Protocol):
    def record(self, stage: str, shard_id: str, sequence_number: str, arrived_at: datetime) -> None:
        """Say that everything of the shard up to this record is durable behind the stage. Never goes back.

        Stages are ingest, archive (both read usage-events), enrich and aggregate. `arrived_at` is UTC.
        """

    def checkpoints(self, stage: str) -> Mapping[str, Checkpoint]:
        """Return the last checkpoint of the stage by shard id; shards it never read are absent."""
