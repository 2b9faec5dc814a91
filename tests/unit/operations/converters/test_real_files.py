"""Files that nobody here wrote, with answers that are known. Set U2C_DATA_DIR to the folder that holds them."""

import gzip
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from operations.converters import csv_usage, web_access_log
from operations.converters.usage_events import RefusedLine

DATA = Path(os.environ.get("U2C_DATA_DIR", ""))

pytestmark = pytest.mark.skipif("U2C_DATA_DIR" not in os.environ, reason="U2C_DATA_DIR is not set")


def totals(events: list[dict[str, Any]]) -> dict[str, Decimal]:
    sums: Counter[str] = Counter()
    for event in events:
        sums[event["data"]["meter"]] += Decimal(event["data"]["quantity"])  # type: ignore[assignment]
    return {meter: Decimal(total) for meter, total in sums.items()}


def test_ten_thousand_requests_of_a_real_web_server() -> None:
    refused: list[RefusedLine] = []
    with gzip.open(DATA / "elastic_apache_access.log.gz") as lines:
        events = list(web_access_log.convert(lines, source="www.example.com", on_refused=refused.append))

    assert refused == []
    assert totals(events) == {"requests": Decimal(10_000), "egress_bytes": Decimal(2_747_282_740)}
    assert len({event["id"] for event in events}) == 20_000
    assert len({event["subject"] for event in events}) == 1_753


def test_a_day_of_a_real_language_model() -> None:
    columns = csv_usage.CsvColumns(
        time="TIMESTAMP",
        meters={"input_tokens": "ContextTokens", "output_tokens": "GeneratedTokens"},
        subject="acme",
    )
    refused: list[RefusedLine] = []
    with gzip.open(DATA / "azure_llm_inference_2023_code.csv.gz", "rt") as lines:
        events = list(csv_usage.convert(lines, columns, source="llm", on_refused=refused.append))

    used = totals(events)
    assert (len(events), refused) == (2 * 8_819, [])
    assert used["input_tokens"] * Decimal("0.00003") + used["output_tokens"] * Decimal("0.00006") == Decimal(
        "556.55298"
    )
