"""However many events come at once, they go into as few slots as hold them, in order, none lost and none twice."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.metering import append
from shared.domain.metering.aggregate import merge_windows
from shared.domain.metering.append import MAX_SLOT_BYTES, fill_slot
from shared.domain.metering.slot import UsageSlot
from shared.domain.metering.tally import UsageRow, tally
from tests.builders.metered_usage import NOON, a_row

DAY = datetime(2026, 1, 15, tzinfo=UTC)
ITEM_LIMIT = 400 * 1024
BY_KEY = attrgetter("key")

a_batch = st.lists(
    st.builds(
        lambda subject, meter, minutes, quantity, key, region: {
            "subject": f"customer-{subject}",
            "meter": f"{meter}-{region % 3}",
            "occurred_at": NOON + timedelta(minutes=minutes),
            "quantity": str(quantity),
            "unique_key": key,
            "dimensions": (("region", f"eu-{region}"),),
            "aggregation": meter,
        },
        st.integers(0, 20),
        st.sampled_from(["sum", "count", "max", "latest", "unique"]),
        st.integers(0, 600),
        st.decimals(0, 10**9, places=3),
        st.none() | st.text(max_size=40),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=60,
)


def slots_of(rows: Sequence[UsageRow]) -> Iterator[UsageSlot]:
    """Fill slot after slot as the writer does."""
    while rows:
        slot, rows = fill_slot(rows, slice_start=DAY, arrived_at=NOON)
        yield slot


@given(a_batch, st.integers(300, 3_000))
def test_slots_hold_all_events_in_order_and_their_windows_merge_to_the_same(
    batch: list[dict[str, object]], most_bytes: int
) -> None:
    rows = [a_row(f"call-{number}", **changes) for number, changes in enumerate(batch)]  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(append, "MAX_SLOT_BYTES", most_bytes)
        slots = list(slots_of(rows))

    assert b"".join(slot.fingerprints for slot in slots).hex() == "".join(row["fingerprint"] for row in rows)
    assert all(slot.size_bytes <= most_bytes or slot.events == 1 for slot in slots)
    merged = merge_windows(window for slot in slots for window in slot.windows(DAY))
    assert sorted(merged, key=BY_KEY) == sorted(tally(rows), key=BY_KEY)
    assert slots[0].deliveries.startswith(rows[0]["delivery"])
    assert slots[-1].deliveries.endswith(rows[-1]["delivery"])


def test_the_greatest_batch_that_lambda_gives_takes_few_slots_that_an_item_holds() -> None:
    """10,000 records of six megabytes, each event with a window of its own: the worst that packs."""
    rows = [
        a_row(f"call-{number}", subject=f"customer-{number}", dimensions=(("path", f"/{number:x}" * 9),))
        for number in range(30_000)
    ]

    slots = list(slots_of(rows))

    assert sum(slot.events for slot in slots) == 30_000
    assert max(slot.size_bytes for slot in slots) <= MAX_SLOT_BYTES < ITEM_LIMIT - 10_000
    assert len(slots) <= 1.2 * sum(slot.size_bytes for slot in slots) / MAX_SLOT_BYTES + 1
