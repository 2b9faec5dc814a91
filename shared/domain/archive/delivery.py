"""A delivery as the compacted archive keeps it: what ingest makes of one event of a record."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from shared.domain.usage.admission import AcceptanceHorizon, judge_record
from shared.domain.usage.event import Delivery
from shared.domain.usage.stream_record import StreamRecord
from shared.domain.usage.verdict import Verdict


@dataclass(frozen=True, slots=True)
class JudgedDelivery:
    delivery: Delivery
    arrived_at: datetime
    verdict: Verdict


Judge: TypeAlias = Callable[[Iterable[StreamRecord]], Iterator[JudgedDelivery]]


def judge_with(read: Callable[[bytes, datetime], Sequence[Verdict]], horizon: AcceptanceHorizon) -> Judge:
    """Return a judge that sees with ingest's own eyes. A record that comes twice is judged once."""

    def judge(records: Iterable[StreamRecord]) -> Iterator[JudgedDelivery]:
        seen: set[tuple[str, str]] = set()
        for record in records:
            if (record.shard_id, record.sequence_number) not in seen:
                seen.add((record.shard_id, record.sequence_number))
                for delivery, verdict in judge_record(record, read=read, horizon=horizon):
                    yield JudgedDelivery(delivery, record.arrived_at, verdict)

    return judge
