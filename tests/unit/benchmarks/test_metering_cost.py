"""What the ledger writes for usage stays a fraction of a write unit an event; sizes are DynamoDB's own."""

from typing import Any

import pytest

from benchmarks.dynamodb_sizer import item_bytes, read_units, write_units
from benchmarks.load import Load, as_rows, one_a_record, packed
from benchmarks.ours import ours
from benchmarks.write_units import units_of

LOAD = Load()
TEXTS = LOAD.texts()


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


def test_read_units_are_started_four_kilobytes_of_all_items_together() -> None:
    item = {"b": {"B": bytes(2_047)}}

    assert [read_units([item] * items) for items in (0, 1, 2, 3)] == [1, 1, 1, 2]


@pytest.mark.parametrize(
    "envelopes",
    [one_a_record(as_rows(TEXTS), events=1_000), packed(TEXTS, events=1_000)],
    ids=["one event a record", "packed records"],
)
def test_a_lane_of_its_own_takes_three_calls_and_a_fiftieth_of_a_write_unit(envelopes: list[bytes]) -> None:
    units = units_of(ours, envelopes)

    assert units.written / LOAD.deliveries <= 0.021
    assert units.calls * 1_000 / LOAD.deliveries <= 3
