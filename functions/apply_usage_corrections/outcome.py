"""What has become of a void once its bucket was examined, and when to look again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import MeterCode
from shared.domain.metering.bucket_logs import BucketLogs
from shared.domain.metering.standing_void import StandingVoid, VoidState
from shared.domain.metering.tally import UsageRow
from shared.domain.metering.voiding import names
from shared.domain.usage.admission import AcceptanceHorizon

TRIED_AGAIN_AFTER = timedelta(hours=6)
WAITS_AT_MOST = timedelta(days=2)  # for the archive, before a person is told
ROAD_AT_MOST = timedelta(days=1)  # from arrival to the ledger, before a person is told


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is the exception that is open about it, at the earliest from `since` (UTC) on.

    `again` (UTC) is when that may change though nothing new came.
    """

    state: VoidState
    code: ExceptionCode | None
    since: datetime
    again: datetime | None = None


def outcome_of(
    void: StandingVoid,
    logs: BucketLogs,
    meters: tuple[MeterCode, ...],
    rows: Mapping[str, UsageRow],
    horizon: AcceptanceHorizon,
    now: datetime,
) -> Outcome:
    """Judge a void by the bucket's logs and by what the archive has of its original, by fingerprint."""
    counted = logs.counted_of(void.original, meters)
    if not counted:
        last_arrival = max(void.filed[0].arrived_at, void.original.occurred_at + horizon.past)
        return _waiting(VoidState.WAITING, ExceptionCode.CORRECTION_WITHOUT_ORIGINAL, last_arrival + ROAD_AT_MOST, now)
    left = [whole for whole in counted if logs.counts(whole)]
    if not left:
        return Outcome(VoidState.APPLIED, None, now)
    if any(whole in rows and not names(void.original, rows[whole]) for whole in left):
        return Outcome(VoidState.REFUSED, ExceptionCode.CORRECTION_REFUSED, void.filed[0].arrived_at)
    state = VoidState.WAITING if len(left) == len(counted) else VoidState.APPLIED
    return _waiting(state, ExceptionCode.CORRECTION_WAITS, void.filed[0].arrived_at + WAITS_AT_MOST, now)


def _waiting(state: VoidState, code: ExceptionCode, deadline: datetime, now: datetime) -> Outcome:
    told = deadline <= now
    again = now + TRIED_AGAIN_AFTER if code is ExceptionCode.CORRECTION_WAITS else None if told else deadline
    return Outcome(state, code if told else None, deadline, again)
