"""A bill is what the functions did times what AWS asks for it, and every price says where it is from."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from benchmarks import bill
from benchmarks.aws_meter import AwsMeter
from benchmarks.bill import bill_of, read_prices
from benchmarks.capture_chain import Capture, Stage

PRICES = Path(bill.__file__).with_name("list_prices.csv")


def a_run() -> Capture:
    """Make 1,000 events in one record of 360,000 bytes; aggregate writes 20 units in 2 calls and works for 14 ms."""
    counting = Stage(invocations=1, seconds=0.014, aws=AwsMeter(calls=Counter(dynamodb=2), written=20, read=4))
    archiving = Stage(invocations=1, logged_bytes=300, aws=AwsMeter(calls=Counter(s3=1)))
    return Capture(1_000, ["x" * 360_000], {"aggregate_usage": counting, "archive_usage": archiving})


def test_capture_to_the_ledger_is_dynamodb_lambda_and_s3() -> None:
    found = bill_of(a_run(), read_prices())

    assert found.dynamodb == pytest.approx(0.020 * 0.625 + 0.004 * 0.125)
    assert found.s3 == pytest.approx(0.001 * 5)
    gb_seconds = 0.014 * 1769 / 1024 + 0.018 + 0.062 / 2  # working and waiting with 1 GB, waiting with half of that
    assert found.functions == pytest.approx(0.002 * 0.20 + gb_seconds / 1_000 * 13.3334)
    assert found.before_kinesis == pytest.approx(found.dynamodb + found.functions + found.s3)


def test_streams_are_shard_hours_at_half_use_and_payload_units() -> None:
    found = bill_of(a_run(), read_prices())

    assert found.streams == pytest.approx(360 / 0.5e6 / 3_600 * 1e6 * 0.015 + 15 / 1_000 * 0.014)
    assert found.retention == pytest.approx(360 / 0.5e6 / 3_600 * 1e6 * 0.020)


def test_records_of_one_event_fill_a_shard_by_their_number() -> None:
    packed = a_run()
    single = Capture(1_000, ["x" * 360] * 1_000, packed.stages)

    assert bill_of(single, read_prices()).streams == pytest.approx(1e6 / 500 / 3_600 * 0.015 + 0.014)


def test_every_price_is_a_list_price_or_says_that_it_is_assumed() -> None:
    with PRICES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert len({row["name"] for row in rows}) == len(rows) > 0
    assert {row["kind"] for row in rows} == {"list", "derived"}
    assert all(row["source"] and row["unit"] and date.fromisoformat(row["quoted_on"]) for row in rows)
    assert [row["name"] for row in rows if row["unit"].startswith("$") and not row["region"]] == []
