"""A month of usage in contracts of the catalogue's own: old and new versions bill alike, telemetry reaches nobody."""

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from operations.u2c.__main__ import main

EVENTS = Path(__file__).parents[2] / "events"
SAMPLES = ("transfer-v1", "transfer-v2", "transfer-v3-draft", "gateway-health-v1", "gateway-health-v1-negative")


@dataclass(frozen=True)
class Ran:
    status: int
    out: Path

    def records(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.out / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Run the samples on the demo's catalogue, the second one twice."""
    folder = tmp_path_factory.mktemp("usage-contracts")
    samples = [json.loads((EVENTS / f"usage-recorded-{name}.json").read_text()) for name in (*SAMPLES, SAMPLES[1])]
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, samples)))
    catalog = str(EVENTS / "scenarios/demo/catalog")
    status = main(["run", "--catalog", catalog, "--events", str(folder / "events.jsonl"), "--out", str(folder / "out")])
    return Ran(status, folder / "out")


def test_every_delivery_ends_where_its_contract_says(ran: Ran) -> None:
    fates = {
        (each["event_id"], each["fate"], each["code"])
        for each in ran.records("lineage.jsonl")
        if each["kind"] == "event"
    }

    assert fates == {
        ("transfer-v1", "metered", ""),
        ("transfer-v2", "metered", ""),
        ("transfer-v2", "duplicate", ""),
        ("transfer-v3-draft", "quarantined", "UNKNOWN_CONTRACT_VERSION"),
        ("gateway-health-v1", "telemetry", ""),
        ("gateway-health-v1-negative", "telemetry", "CONTRACT_VIOLATION"),
    }


def test_both_versions_are_billed_as_one_exact_quantity(ran: Ran) -> None:
    billed = [
        Decimal(line["quantity"])
        for invoice in ran.records("invoices.jsonl")
        for line in invoice["lines"]
        if line["meter"] == "data_transfer"
    ]

    assert sum(billed) == Decimal("0.2")


def test_telemetry_raises_nothing_and_everything_ties(ran: Ran) -> None:
    tie_out = json.loads((ran.out / "tie-out.json").read_text())
    opened = [record["code"] for record in ran.records("exceptions.jsonl") if record["status"] == "open"]

    assert tie_out["ties"]
    assert opened == ["UNKNOWN_CONTRACT_VERSION"]
    assert ran.status == 3
