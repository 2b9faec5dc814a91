"""Seal what is due: behind the completeness barrier, slice by slice, snapshots before the claim of being sealed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import TenantId
from shared.domain.metering.closing import ClosingState, newest_due_slice, slices_due, usage_by_customer
from shared.domain.metering.layout import Bucket, BucketLayout, Slice
from shared.domain.metering.slot import Log, NumberedSlot, Seal, UsageSlot, require_unbroken
from shared.domain.metering.slot_lifetime import is_forgotten
from shared.domain.metering.watermark import Barrier, Look, ShardPosition, advance, reached
from shared.domain.time_period import format_instant
from shared.ports.clock import Clock
from shared.ports.closing_progress import ClosingProgress
from shared.ports.exceptions import ExceptionReporter
from shared.ports.metering_ledger import MeteringLedger, SliceRegister
from shared.ports.stage_progress import StageProgress
from shared.ports.stream_tails import StreamTails
from shared.ports.usage_snapshots import UsageSnapshots

MAX_SLICES_A_RUN = 100  # the next run goes on where this one stopped
MAX_LOST_RACES = 50
OVERDUE_AFTER = timedelta(hours=6)  # how long a slice may wait behind the barrier before a person is told


class SliceForgottenError(RuntimeError):
    """A slice was not sealed before its slots could expire: sealed now, it would be short of usage."""


class SealContendedError(RuntimeError):
    """Writers took every slot that the seal tried to take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """The names of the streams between the stages, in the order of the road."""

    usage_events: str
    accepted_usage: str
    billable_usage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What one run sealed, and up to when (UTC) the ledger is sealed now."""

    slices: int
    sealed_through: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowCloser:
    """Closes the slices of one tenant. Every step may be repeated: a run that dies is finished by the next one."""

    tenant: TenantId
    layout: BucketLayout
    grace: timedelta
    streams: Streams
    logs: MeteringLedger
    slices: SliceRegister
    closing: ClosingProgress
    snapshots: UsageSnapshots
    progress: StageProgress
    tails: StreamTails
    reporter: ExceptionReporter
    clock: Clock

    def close(self) -> Closed:
        """Seal every slice whose end plus grace all usage has passed."""
        now = self.clock.now()
        state = self.closing.state()
        barrier = advance(state.barrier, list(self._looks()))
        self.closing.remember(barrier)
        first, due = self._due(state, barrier)
        if due and is_forgotten(due[0].start, now):
            raise SliceForgottenError(format_instant(due[0].start))
        sealed = self._seal(first, due[:MAX_SLICES_A_RUN])
        sealed_through = sealed[-1].end if sealed else state.sealed_through
        self._tell_overdue(sealed_through or first, barrier, now)
        return Closed(slices=len(sealed), sealed_through=sealed_through)

    def _looks(self) -> Iterator[Look]:
        """Look at the stages in the order of the road: what one has published is there when the next is looked at."""
        yield self._look({"ingest": self.streams.usage_events, "archive": self.streams.usage_events})
        yield self._look({"enrich": self.streams.accepted_usage})
        yield self._look({"aggregate": self.streams.billable_usage})

    def _look(self, streams: Mapping[str, str]) -> Look:
        """Look at stages that are abreast, each on its stream."""
        began_at = self.clock.now()
        positions = [position for stage, stream in streams.items() for position in self._positions(stage, stream)]
        return Look(began_at, reached(positions, now=began_at))

    def _positions(self, stage: str, stream: str) -> Sequence[ShardPosition]:
        return self.tails.positions(stream, self.progress.checkpoints(stage))

    def _due(self, state: ClosingState, barrier: Barrier) -> tuple[datetime | None, list[Slice]]:
        """Return the first slice of the ledger and the slices to seal now, oldest first."""
        passed = barrier.complete_until
        if passed is None:
            return state.first_slice, []
        first = state.first_slice
        if first is None:
            # Nothing was ever used: closing starts by itself, for whoever bills what does not depend on usage.
            self.slices.open_slice(newest_due_slice(self.layout, passed=passed, grace=self.grace))
            first = self.closing.state().first_slice
            assert first is not None, "a slice was opened"
        start = state.sealed_through or first
        return first, slices_due(self.layout, start=start, passed=passed, grace=self.grace)

    def _seal(self, first: datetime | None, due: list[Slice]) -> list[Slice]:
        """Seal the slices in order; stop where an earlier one was opened meanwhile, the next run starts there."""
        sealed: list[Slice] = []
        for found in due:
            assert first is not None, "slices are due from the first one on"
            for bucket in found.buckets:
                slots = self._sealed_slots(bucket)
                usage = usage_by_customer(
                    window
                    for slot in slots
                    if isinstance(slot.content, UsageSlot)
                    for window in slot.content.windows(bucket.slice_start)
                )
                self.snapshots.write(bucket, slots[-1].number, usage)
            if not self.closing.seal_through(first_slice=first, sealed_through=found.end):
                break
            sealed.append(found)
        return sealed

    def _sealed_slots(self, bucket: Bucket) -> list[NumberedSlot]:
        """Return all slots of a bucket's base log, the seal last; put the seal if there is none."""
        log = Log(bucket)
        slots = list(self.logs.tail(log, after=0))
        for _ in range(MAX_LOST_RACES):
            require_unbroken(slots, after=0)
            if slots and isinstance(slots[-1].content, Seal):
                return slots
            last = slots[-1].number if slots else 0
            if self.logs.put(log, last + 1, Seal()):
                return [*slots, NumberedSlot(last + 1, Seal())]
            slots += self.logs.tail(log, after=last)
        raise SealContendedError(f"lost {MAX_LOST_RACES} races for {bucket}")

    def _tell_overdue(self, next_slice: datetime | None, barrier: Barrier, now: datetime) -> None:
        """Report the slice that waits too long behind the barrier, resolve the one that waited.

        It is remembered before it is told and forgotten after it was resolved: a run that dies in between is made good
        by the next one, which tells or resolves it again. What another run does meanwhile is left to the next one, too.
        """
        if next_slice is None:
            return
        told = self.closing.state().overdue
        if told is not None and told < next_slice:
            sealed_at = self.clock.now()  # not when this run began: another one may have told of it since
            self.reporter.resolve(self._incomplete(told, now).exception_id, "sealed", sealed_at)
            if not self.closing.replace_overdue(told, None):
                return
            told = None
        if told is None:
            if not (self._is_overdue(next_slice, barrier, now) and self.closing.replace_overdue(None, next_slice)):
                return
            told = next_slice
        self.reporter.report([self._incomplete(told, now)])

    def _is_overdue(self, slice_start: datetime, barrier: Barrier, now: datetime) -> bool:
        due = slice_start + self.layout.layout_at(slice_start).slice_length + self.grace
        return now - due > OVERDUE_AFTER and not (barrier.complete_until and barrier.complete_until >= due)

    def _incomplete(self, slice_start: datetime, now: datetime) -> ExceptionRecord:
        subject = format_instant(slice_start)
        return ExceptionRecord(
            exception_id=exception_id(ExceptionCode.USAGE_INCOMPLETE, subject),
            tenant=self.tenant,
            code=ExceptionCode.USAGE_INCOMPLETE,
            subject=subject,
            message="usage of this slice may still be on its way, so it is not sealed and nothing after it is billed",
            raised_at=now,
        )
