"""How long the ledger knows the ids of what it has counted. Sums stay for good: snapshots, late logs, seals.

Only usage slots of base logs expire. By then their slice is sealed, its sums are in snapshots, and ingest has long
refused events of its time; what still comes (released or sent again after months) is refused here, for whether it was
counted before nobody can tell. Late logs keep their ids: they are the only place of their sums.
"""

from datetime import datetime, timedelta

from shared.domain.metering.layout import MAX_SLICE
from shared.domain.time_period import Period

_LONGEST_MONTH = timedelta(days=31)
_SEAL_GRACE = timedelta(days=1)
_LOOK_BACK = timedelta(days=93)  # how long after its end a billing period can still be verified and billed

KEPT = MAX_SLICE + _LONGEST_MONTH + _SEAL_GRACE + _LOOK_BACK
# A record waits on its stream for a week at most; a day more, for clocks and for one batch's own time.
STREAM_RETENTION = timedelta(days=7)
_MARGIN = STREAM_RETENTION + timedelta(days=1)
# How long after usage a correction of it may arrive: applied a week later, it still finds the ids of its slice.
CORRECTABLE = KEPT - MAX_SLICE - _MARGIN - timedelta(days=7)


def expires_at(slice_start: datetime) -> datetime:
    """Return when the base log's usage slots of a slice may vanish (UTC)."""
    return slice_start + KEPT


def is_forgotten(slice_start: datetime, at: datetime) -> bool:
    """Say whether slots may have vanished by the time that what arrived `at` (UTC) is processed."""
    return expires_at(slice_start) - _MARGIN <= at


def is_remembered(period: Period, at: datetime) -> bool:
    """Say whether every slot with usage of the period is still there (UTC)."""
    return not is_forgotten(period.start - MAX_SLICE, at)
