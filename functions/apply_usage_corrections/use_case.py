"""Examine the buckets that voids stand for, and take back what they have counted of a voided event."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.apply_usage_corrections.archive_search import ArchiveSearch, Wanted, windows_needed
from functions.apply_usage_corrections.outcome import Outcome, outcome_of
from shared.domain.archive.delivery import Judge
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import MeterCode, TenantId
from shared.domain.metering.append import MAX_SLOT_BYTES
from shared.domain.metering.bucket_logs import BucketLogs
from shared.domain.metering.correction_exceptions import correction_exception, correction_exception_id
from shared.domain.metering.layout import Bucket, BucketLayout
from shared.domain.metering.packing import pack_windows
from shared.domain.metering.slot import Log, UsageSlot
from shared.domain.metering.slot_lifetime import is_forgotten
from shared.domain.metering.standing_void import CorrectedBucket, Examined, StandingVoid, VoidState
from shared.domain.metering.voiding import TakenBack, names, take_back
from shared.domain.usage.admission import AcceptanceHorizon
from shared.domain.usage.known_accounts import KnownAccounts
from shared.domain.usage.measurement import meters_by_event
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.master_data import MasterData
from shared.ports.metering_ledger import MeteringLedger
from shared.ports.usage_archive import UsageArchive
from shared.ports.usage_corrections import UsageCorrections

MAX_VOIDS_A_SLOT = 1_000
MAX_PUTS_A_BUCKET = 50  # in one run, lost races included; the next run goes on
MOST_IDS = 2_000_000  # in the buckets that one run examines; about 300 bytes each
SPAN = timedelta(days=7)  # of their slices: the archive is read once for all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """How many measurements a run took back, and in how many buckets it looked for them."""

    voided: int
    buckets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionApplier:
    """Applies the voids of one tenant. A void that was put is in the log for good: a repeat finds it there."""

    tenant: TenantId
    layout: BucketLayout
    horizon: AcceptanceHorizon
    logs: MeteringLedger
    corrections: UsageCorrections
    archive: UsageArchive
    judge: Judge
    master_data: MasterData
    reporter: ExceptionReporter
    clock: Clock

    def apply(self) -> Applied:
        """Look at the oldest corrected buckets in which something is new, or due; the next run looks at the next."""
        now = self.clock.now()
        self.master_data.version()
        meters = self.master_data.meters()
        search = ArchiveSearch(
            archive=self.archive,
            judge=self.judge,
            horizon=self.horizon,
            layout=self.layout,
            meters=meters_by_event(meters.values()),
            accounts=KnownAccounts(self.master_data.accounts_by_subject, self.master_data.account),
        )
        cases = list(self._cases(now, tuple(meters), search))
        search.find([case.wanted for case in cases if case.wanted.fingerprints], now)
        return Applied(voided=sum(self._settle(case, now) for case in cases), buckets=len(cases))

    def _cases(self, now: datetime, meters: tuple[MeterCode, ...], search: ArchiveSearch) -> Iterator["_Case"]:
        ids, first = 0, None
        for corrected in self.corrections.corrected():
            bucket = corrected.bucket
            if first is not None and (ids > MOST_IDS or bucket.slice_start - first > SPAN):
                return
            if is_forgotten(bucket.slice_start, now):
                self._forget(bucket, now)
            elif self._is_due(corrected, now):
                case = self._case(corrected, meters, search)
                ids, first = ids + case.wanted.logs.ids, first or bucket.slice_start
                yield case

    def _is_due(self, corrected: CorrectedBucket, now: datetime) -> bool:
        seen, bucket = corrected.examined, corrected.bucket
        if seen is None or seen.filings != corrected.filings or (seen.again is not None and seen.again <= now):
            return True
        return bool(
            self.logs.tail(Log(bucket), after=seen.last_base)
            or self.logs.tail(Log(bucket, late=True), after=seen.last_late)
        )

    def _case(self, corrected: CorrectedBucket, meters: tuple[MeterCode, ...], search: ArchiveSearch) -> "_Case":
        bucket = corrected.bucket
        standing = tuple(one for one in self.corrections.standing(bucket) if one.state is not VoidState.REFUSED)
        logs = self._read(bucket)
        counted = {one: logs.counted_of(one.original, meters) for one in standing}
        due = [(one.original, whole) for one, of_one in counted.items() for whole in of_one if logs.counts(whole)]
        times = [original.occurred_at for original, _ in due]
        wanted = Wanted(
            logs=logs,
            events=frozenset((original.source, original.event_id) for original, _ in due),
            fingerprints=frozenset(whole for _, whole in due),
            windows=windows_needed(logs, ((original.occurred_at, whole) for original, whole in due)),
            arrivals=search.arrivals_of(times or [bucket.slice_start]),
        )
        return _Case(corrected, standing, meters, wanted)

    def _read(self, bucket: Bucket) -> BucketLogs:
        # The late log first: nothing is put there before the base log ends, so a seal between the two reads is seen.
        late = self.logs.tail(Log(bucket, late=True), after=0)
        return BucketLogs(bucket, base=self.logs.tail(Log(bucket), after=0), late=late)

    def _settle(self, case: "_Case", now: datetime) -> int:
        """Put what can be voided by now, say what has become of each void, then how far the bucket was examined."""
        logs, voided = case.wanted.logs, 0
        for _ in range(MAX_PUTS_A_BUCKET):
            slot = case.next_slot(logs)
            if slot is None:
                break
            log, number = logs.end
            if self.logs.put(log, number, slot):
                voided += len(slot.takes_back)
            logs = self._read(case.bucket)
        outcomes = [outcome_of(one, logs, case.meters, case.wanted.rows, self.horizon, now) for one in case.standing]
        for void, outcome in zip(case.standing, outcomes, strict=True):
            self._tell(void, outcome, now)
        self.corrections.examined(
            case.bucket,
            Examined(
                filings=case.corrected.filings,
                last_base=logs.last_base,
                last_late=logs.last_late,
                again=min((one.again for one in outcomes if one.again is not None), default=None),
            ),
        )
        return voided

    def _tell(self, void: StandingVoid, outcome: Outcome, now: datetime) -> None:
        """Open and close exceptions. What is to be told is remembered first, and told again whenever it is looked at.

        So whoever comes after a death tells it after all, or closes it. Telling it again opens nothing that was closed.
        """
        if len(void.amending) > 1:
            raised_at = max(one.arrived_at for one in void.filed)
            conflict = ExceptionCode.CORRECTION_CONFLICT
            self.reporter.report([correction_exception(void, conflict, tenant=self.tenant, raised_at=raised_at)])
        told, code = void.told, outcome.code
        if told is not None and told is not code:
            self.reporter.resolve(correction_exception_id(void, told), f"void {outcome.state.value}", now)
        if code is not None:
            raised_at = outcome.since if told is code else now
            if told is not code:
                self.corrections.mark(void, void.state, code)
            self.reporter.report([correction_exception(void, code, tenant=self.tenant, raised_at=raised_at)])
        if outcome.state is not void.state or (code is None and told is not None):
            self.corrections.mark(void, outcome.state, code)

    def _forget(self, bucket: Bucket, now: datetime) -> None:
        """Refuse what still waits: nothing is counted into the bucket any more, and nothing taken back."""
        for void in self.corrections.standing(bucket):
            if void.state is VoidState.WAITING:
                code = void.told or ExceptionCode.CORRECTION_WITHOUT_ORIGINAL
                self._tell(void, Outcome(VoidState.REFUSED, code, since=void.filed[0].arrived_at), now)
        self.corrections.forget(bucket)


@dataclass(frozen=True, slots=True)
class _Case:
    """A bucket to examine, with the voids that stand for it and what the archive has of them."""

    corrected: CorrectedBucket
    standing: tuple[StandingVoid, ...]
    meters: tuple[MeterCode, ...]
    wanted: Wanted

    @property
    def bucket(self) -> Bucket:
        return self.corrected.bucket

    def next_slot(self, logs: BucketLogs) -> UsageSlot | None:
        """Return the slot that voids what can be voided now, as much as fits; None if that is nothing."""
        voids = self._voids(logs)
        evidence = tuple(self.wanted.rows.values())
        ready = take_back(logs, [self.wanted.rows[whole] for whole in sorted(voids)], evidence).voided
        most = min(len(ready), MAX_VOIDS_A_SLOT)
        while most:
            slot = self._slot(take_back(logs, ready[:most], evidence), voids)
            if slot.size_bytes <= MAX_SLOT_BYTES:
                return slot
            most //= 2
        return None

    def _voids(self, logs: BucketLogs) -> Mapping[str, StandingVoid]:
        """Return what counts and must not, by fingerprint, as far as the archive has found and confirms it."""
        return {
            whole: void
            for void in self.standing
            for whole in logs.counted_of(void.original, self.meters)
            if logs.counts(whole) and whole in self.wanted.rows and names(void.original, self.wanted.rows[whole])
        }

    def _slot(self, taken: TakenBack, voids: Mapping[str, StandingVoid]) -> UsageSlot:
        fingerprints = [row["fingerprint"] for row in taken.voided]
        filed = sorted((voids[whole].filed[0] for whole in fingerprints), key=lambda one: one.delivery)
        return UsageSlot(
            fingerprints=b"",
            packed_windows=pack_windows(taken.windows, self.bucket.slice_start),
            deliveries=f"{filed[0].delivery}..{filed[-1].delivery}",
            arrived_at=max(one.arrived_at for one in filed),
            voids=bytes.fromhex("".join(fingerprints)),
        )
