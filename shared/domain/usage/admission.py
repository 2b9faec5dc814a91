"""Who may enter: an event is judged once, by its own time against the arrival of its record."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from shared.domain.exception_record import ExceptionCode
from shared.domain.master_data.customer import SINCE_ALWAYS
from shared.domain.metering.slot_lifetime import CORRECTABLE
from shared.domain.time_period import format_instant
from shared.domain.usage.correction import UsageVoid
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.heartbeat import Heartbeat
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.stream_record import StreamRecord
from shared.domain.usage.telemetry import Telemetry
from shared.domain.usage.verdict import Verdict

BACKFILL_SHARDS = "backfill-"  # what their names start with; no shard of a stream is called so
_ANY_AGE = timedelta(days=36_525)


def backfill_shard(backfill_id: str) -> str:
    """Name the shard over which a backfill arrives when it is closed."""
    return f"{BACKFILL_SHARDS}{backfill_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceHorizon:
    """How far from its arrival an event may have happened. The ledger can find repeats just as long."""

    past: timedelta
    future: timedelta

    @classmethod
    def of(cls, *, days: int, future_seconds: int) -> Self:
        return cls(past=timedelta(days=days), future=timedelta(seconds=future_seconds))

    def of_shard(self, shard_id: str) -> Self:
        """Return the bounds for what came over a shard: a backfill may be of any age, for somebody has looked at it.

        No further back than master data and the ledger reach, though.
        """
        return replace(self, past=_ANY_AGE) if shard_id.startswith(BACKFILL_SHARDS) else self

    def refusal(self, event: UsageEvent | UsageVoid | Heartbeat, arrived_at: datetime) -> Rejected | None:
        """Return why the event may not enter, or None. All bounds themselves are inside.

        A correction may come later than usage: as long as the ledger knows for certain what it has counted. A heartbeat
        is judged by the start of what it claims.
        """
        match event:
            case Heartbeat(claimed=claimed):
                return self._refusal(event, claimed.start, arrived_at, self.past, contract="")
            case UsageVoid():
                return self._refusal(event, event.original.occurred_at, arrived_at, CORRECTABLE, contract="")
            case UsageEvent(amends=void, contract=contract):
                refused = self._refusal(event, event.occurred_at, arrived_at, self.past, contract=contract)
                if void is None or refused is not None:
                    return refused
                return self._refusal(void, void.original.occurred_at, arrived_at, CORRECTABLE, contract=contract)

    def _refusal(
        self,
        event: UsageEvent | UsageVoid | Heartbeat,
        used_at: datetime,
        arrived_at: datetime,
        past: timedelta,
        *,
        contract: str,
    ) -> Rejected | None:
        if max(arrived_at - past, SINCE_ALWAYS) <= used_at <= arrived_at + self.future:
            return None
        too_old = used_at < arrived_at
        return Rejected(
            code=ExceptionCode.EVENT_TOO_OLD if too_old else ExceptionCode.EVENT_IN_THE_FUTURE,
            reason=f"it says {format_instant(used_at)} and arrived at {format_instant(arrived_at)}",
            source=event.source,
            event_id=event.event_id,
            contract=contract,
            occurred_at=event.occurred_at if isinstance(event, UsageEvent) else None,
        )


def judge_record(
    record: StreamRecord,
    *,
    read: Callable[[bytes, datetime], Sequence[Verdict]],
    horizon: AcceptanceHorizon,
) -> Iterator[tuple[Delivery, Verdict]]:
    """Yield every event of a record with its verdict. Ingest and the archive check judge by this one function."""
    bounds = horizon.of_shard(record.shard_id)
    for index, event in enumerate(read(record.data, record.arrived_at)):
        delivery = Delivery(record.shard_id, record.sequence_number, index)
        match event:
            case Rejected() | Telemetry():
                yield delivery, event
            case UsageEvent() | UsageVoid() | Heartbeat():
                yield delivery, bounds.refusal(event, record.arrived_at) or event
