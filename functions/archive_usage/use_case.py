"""Write the raw batch to the archive, then say how far it came."""

from collections.abc import Sequence

from shared.domain.usage.stream_record import StreamRecord
from shared.ports.stage_progress import StageProgress
from shared.ports.usage_archive import UsageArchive

STAGE = "archive"


def archive_usage(records: Sequence[StreamRecord], *, archive: UsageArchive, progress: StageProgress) -> None:
    """Keep the records as they came, malformed ones included. The records are of one shard."""
    archive.write(records)
    progress.record(STAGE, records[-1].shard_id, records[-1].sequence_number, records[-1].arrived_at)
