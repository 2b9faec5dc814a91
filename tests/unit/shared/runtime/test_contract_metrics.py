"""Counts by contract version: one line for each version of a batch, none of them named by a producer."""

import json
from datetime import UTC, datetime

import pytest

from shared.ports.contract_counts import ContractOutcome
from shared.runtime.contract_metrics import LoggedContractCounts

AT = datetime(2026, 3, 15, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "usage-to-cash")


def test_each_version_of_a_batch_is_one_metric_set(capsys: pytest.CaptureFixture[str]) -> None:
    counts = LoggedContractCounts(is_deprecated=lambda contract: contract == "storage:1")

    counts.record(
        {
            ContractOutcome.ACCEPTED: {"storage:1": 7},
            ContractOutcome.REFUSED: {"storage:1": 1, "": 2},
            ContractOutcome.TELEMETRY: {"gateway_health:1": 5},
        },
        AT,
    )

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    figures = {line["contract"]: {n: v for n, v in line.items() if n.endswith("_events") and v} for line in lines}
    assert figures == {
        "storage:1": {"accepted_events": 7, "refused_events": 1, "deprecated_events": 7},
        "gateway_health:1": {"telemetry_events": 5},
        "unknown": {"refused_events": 2},
    }
    (directive,) = lines[0]["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("usage-to-cash", [[], ["contract"]])
    assert lines[0]["_aws"]["Timestamp"] == 1_773_568_800_000
    assert all(metric["Name"] in lines[0] for metric in directive["Metrics"])


def test_an_empty_batch_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    LoggedContractCounts(is_deprecated=lambda _: False).record({}, AT)

    assert capsys.readouterr().out == ""
