"""What to append to a bucket: events whose ids it does not hold yet, and as many as one item takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.metering.log_view import IDENTITY_DIGITS
from shared.domain.metering.packing import pack_windows
from shared.domain.metering.slot import UsageSlot
from shared.domain.metering.tally import UsageRow, tally

# A DynamoDB item holds 400 KB, names and keys included.
MAX_SLOT_BYTES = 350_000


@dataclass(frozen=True, slots=True)
class Sifted:
    """Rows to count, and rows that bear a counted id but other content. Repeats are in neither."""

    fresh: Sequence[UsageRow]
    conflicts: Sequence[UsageRow]


def sift(rows: Iterable[UsageRow], counted: Sequence[Mapping[str, str]]) -> Sifted:
    """Tell what is new from what repeats and what contradicts, given the contents by identity of the bucket's logs."""
    fresh: dict[str, UsageRow] = {}
    conflicts: list[UsageRow] = []
    for row in rows:
        fingerprint = row["fingerprint"]
        identity = fingerprint[:IDENTITY_DIGITS]
        for contents in counted:
            if identity in contents:
                content = contents[identity]
                break
        else:
            content = fresh.setdefault(identity, row)["fingerprint"][IDENTITY_DIGITS:]
        if content != fingerprint[IDENTITY_DIGITS:]:
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
        packed_windows=pack_windows(tally(rows), slice_start),
        deliveries=f"{rows[0]['delivery']}..{rows[-1]['delivery']}",
        arrived_at=arrived_at,
    )
