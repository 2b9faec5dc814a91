"""What the ledger writes for usage stays a fraction of a write unit an event; sizes are DynamoDB's own."""

import json
from typing import Any

import pytest

from benchmarks.dynamodb_sizer import item_bytes, write_units
from benchmarks.metering import cost, ours
from benchmarks.metering_load import billable_rows, invocations

ROWS = [json.dumps(row, separators=(",", ":")) for row in billable_rows()]


def test_an_item_is_its_names_and_values() -> None:
    item: dict[str, dict[str, Any]] = {
        "pk": {"S": "zażółć"},
        "n": {"N": "1200"},
        "b": {"B": bytes(10)},
        "l": {"L": [{"S": "ab"}]},
    }

    assert item_bytes(item) == (2 + 10) + (1 + 2) + (1 + 10) + (1 + 3 + 1 + 2)


def test_write_units_are_started_kilobytes() -> None:
    assert [write_units({"b": {"B": bytes(size)}}) for size in (0, 1_023, 1_024, 350_000)] == [1, 1, 2, 342]


@pytest.mark.parametrize("packed", [False, True], ids=["one event a record", "packed records"])
def test_a_thousand_events_an_invocation_cost_at_most_a_fortieth_of_a_write_unit_each(packed: bool) -> None:
    batches = invocations(ROWS if packed else [f"[{row}]" for row in ROWS], packed=packed)

    units_an_event, calls_a_thousand_events = cost(ours, batches)

    assert units_an_event <= 0.025
    assert calls_a_thousand_events <= 6  # four groups, progress, and a first look at each bucket
