"""The raw archive in memory."""

from collections.abc import Iterator, Sequence

from shared.domain.time_period import Period
from shared.domain.usage.stream_record import StreamRecord


class InMemoryUsageArchive:
    def __init__(self) -> None:
        self._records: dict[tuple[str, str], StreamRecord] = {}

    def write(self, records: Sequence[StreamRecord]) -> None:
        self._records |= {(record.shard_id, record.sequence_number): record for record in records}

    def read(self, arrived: Period) -> Iterator[StreamRecord]:
        records = sorted(self._records.values(), key=lambda record: record.arrived_at)
        return (record for record in records if record.arrived_at in arrived)
