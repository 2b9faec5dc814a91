"""Who may enter: an event is judged once, by its own time against the arrival of its record."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from shared.domain.exception_record import ExceptionCode
from shared.domain.time_period import format_instant
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.stream_record import StreamRecord
from shared.domain.usage.telemetry import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceHorizon:
    """How far from its arrival an event may have happened. The ledger can find repeats just as long."""

    past: timedelta
    future: timedelta

    @classmethod
    def of(cls, *, days: int, future_seconds: int) -> Self:
        return cls(past=timedelta(days=days), future=timedelta(seconds=future_seconds))

    def refusal(self, event: UsageEvent, arrived_at: datetime) -> Rejected | None:
        """Return why the event may not enter, or None. Both bounds themselves are inside."""
        if event.occurred_at < arrived_at - self.past:
            return _refused(event, ExceptionCode.EVENT_TOO_OLD, arrived_at)
        if event.occurred_at > arrived_at + self.future:
            return _refused(event, ExceptionCode.EVENT_IN_THE_FUTURE, arrived_at)
        return None


def _refused(event: UsageEvent, code: ExceptionCode, arrived_at: datetime) -> Rejected:
    return Rejected(
        code=code,
        reason=f"it says {format_instant(event.occurred_at)} and arrived at {format_instant(arrived_at)}",
        source=event.source,
        event_id=event.event_id,
        contract=event.contract,
    )


def judge_record(
    record: StreamRecord,
    *,
    read: Callable[[bytes, datetime], Sequence[UsageEvent | Telemetry | Rejected]],
    horizon: AcceptanceHorizon,
) -> Iterator[tuple[Delivery, UsageEvent | Telemetry | Rejected]]:
    """Yield every event of a record with its verdict. Ingest and the archive check judge by this one function."""
    for index, event in enumerate(read(record.data, record.arrived_at)):
        delivery = Delivery(record.shard_id, record.sequence_number, index)
        match event:
            case Rejected() | Telemetry():
                yield delivery, event
            case UsageEvent():
                yield delivery, horizon.refusal(event, record.arrived_at) or event
