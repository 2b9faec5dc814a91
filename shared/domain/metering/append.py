"""What to append to a bucket: events whose ids it does not hold yet, and as many as one item takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.metering.log_view import IDENTITY_DIGITS
from shared.domain.metering.packing import pack_tallied
from shared.domain.metering.slot import UsageSlot
from shared.domain.metering.tally import UsageRow, tally_lean

# A DynamoDB item holds 400 KB, names and keys included.
MAX_SLOT_BYTES = 350_000


@dataclass(frozen=True, slots=True)
class Sifted:
    """Rows to count, and rows that bear a counted id but other content. Repeats are in neither."""

    fresh: Sequence[UsageRow]
    conflicts: Sequence[UsageRow]


def sift(rows: Iterable[UsageRow], counted: Mapping[str, str], also_counted: Mapping[str, str]) -> Sifted:
    """Tell what is new from what repeats and what contradicts, given fingerprints by identity of the bucket's logs."""
    fresh: dict[str, UsageRow] = {}
    conflicts: list[UsageRow] = []
    for row in rows:
        fingerprint = row["fingerprint"]
        identity = fingerprint[:IDENTITY_DIGITS]
        if identity in counted:
            known = counted[identity]
        elif identity in also_counted:
            known = also_counted[identity]
        elif identity in fresh:
            known = fresh[identity]["fingerprint"]
        else:
            fresh[identity] = row
            continue
        if known != fingerprint:
            conflicts.append(row)
    return Sifted(tuple(fresh.values()), tuple(conflicts))


def fill_slot(
    fresh: Sequence[UsageRow], *, slice_start: datetime, arrived_at: datetime
) -> tuple[UsageSlot, Sequence[UsageRow]]:
    """Return a slot with the first rows, as many as fit, and the rows that are left over."""
    count = len(fresh)
    slot = _slot(fresh, slice_start, arrived_at)
    while slot.size_bytes > MAX_SLOT_BYTES and count > 1:
        count = max(1, min(count - 1, count * MAX_SLOT_BYTES // slot.size_bytes))
        slot = _slot(fresh[:count], slice_start, arrived_at)
    return slot, fresh[count:]


def _slot(rows: Sequence[UsageRow], slice_start: datetime, arrived_at: datetime) -> UsageSlot:
    return UsageSlot(
        fingerprints=bytes.fromhex("".join([row["fingerprint"] for row in rows])),
        packed_windows=pack_tallied(tally_lean(rows), slice_start),
        deliveries=f"{rows[0]['delivery']}..{rows[-1]['delivery']}",
        arrived_at=arrived_at,
    )
