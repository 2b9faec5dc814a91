"""The raw archive page by page, in memory."""

from collections.abc import Iterator, Sequence

from shared.domain.time_period import Period
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.archive_pages import ArchivePage


class InMemoryArchivePages:
    """Port ArchivePages with `most` records a page."""

    def __init__(self, records: Sequence[StreamRecord] = (), *, most: int = 2) -> None:
        self.records = list(records)
        self._most = most

    def pages(self, arrived: Period, after: str) -> Iterator[ArchivePage]:
        page: list[StreamRecord] = []
        for record in sorted({_place(record): record for record in self.records}.items()):
            place, content = record
            if content.arrived_at not in arrived or (after and place <= _read_mark(after)):
                continue
            if page and (len(page) == self._most or _place(page[0])[:2] != place[:2]):
                yield _page(page)
                page = []
            page.append(content)
        if page:
            yield _page(page)


def _place(record: StreamRecord) -> tuple[str, str, int]:
    return str(record.arrived_at.date()), record.shard_id, int(record.sequence_number)


def _page(records: Sequence[StreamRecord]) -> ArchivePage:
    day, shard, number = _place(records[-1])
    return ArchivePage(tuple(records), f"{day}/{shard}/{number}")


def _read_mark(mark: str) -> tuple[str, str, int]:
    day, shard, number = mark.split("/")
    return day, shard, int(number)
