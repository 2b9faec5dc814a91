"""The raw archive read page by page, so that whoever reads may stop and go on another day."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from shared.domain.time_period import Period
from shared.domain.usage.stream_record import StreamRecord


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """Records of one shard and day, in their order. `mark` says where to go on behind them."""

    records: tuple[StreamRecord, ...]
    mark: str


class ArchivePages(Protocol):
    def pages(self, arrived: Period, after: str) -> Iterator[ArchivePage]:
        """Yield what arrived in a period with an end, each record once, from behind a mark on ("" is the beginning).

        A page is never empty, and small enough to be worked on in seconds.
        """
