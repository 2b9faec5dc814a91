"""Someone is told, and told what to do."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.infrastructure.synthesized import FUNCTION_FOLDERS, ROOT, Resource, Synthesized

RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("*.md"))


@pytest.fixture
def alarms(synthesized: Synthesized) -> list[Resource]:
    return synthesized.of_type("AWS::CloudWatch::Alarm")


def _watched(alarms: list[Resource], metric: str, dimension: str) -> set[str]:
    """Return the exports of what a metric is watched of."""
    return {
        value["Value"]["Fn::ImportValue"]
        for alarm in alarms
        for each in _metrics(alarm)
        if each["MetricName"] == metric
        for value in each["Dimensions"]
        if value["Name"] == dimension
    }


def _metrics(alarm: Resource) -> list[Mapping[str, Any]]:
    if "Metrics" not in alarm.properties:
        return [alarm.properties]
    return [each["MetricStat"]["Metric"] for each in alarm.properties["Metrics"] if "MetricStat" in each]


def test_errors_and_throttles_of_every_function_are_watched(alarms: list[Resource]) -> None:
    for metric in ("Errors", "Throttles"):
        assert len(_watched(alarms, metric, "FunctionName")) == len(FUNCTION_FOLDERS)


def test_every_dead_letter_queue_is_watched(synthesized: Synthesized, alarms: list[Resource]) -> None:
    queues = [each for each in synthesized.of_type("AWS::SQS::Queue") if "RedrivePolicy" not in each.properties]

    assert len(_watched(alarms, "ApproximateNumberOfMessagesVisible", "QueueName")) == len(queues)


def test_the_age_of_every_stream_mapping_is_watched(synthesized: Synthesized, alarms: list[Resource]) -> None:
    mappings = synthesized.of_type("AWS::Lambda::EventSourceMapping")
    streams = [each for each in mappings if "StartingPosition" in each.properties]

    assert len(_watched(alarms, "IteratorAge", "FunctionName")) == len(streams)


def test_executions_that_do_not_succeed_are_watched(synthesized: Synthesized, alarms: list[Resource]) -> None:
    machines = synthesized.of_type("AWS::StepFunctions::StateMachine")

    for metric in ("ExecutionsFailed", "ExecutionsAborted", "ExecutionsTimedOut"):
        assert len(_watched(alarms, metric, "StateMachineArn")) == len(machines)


def test_what_functions_write_into_their_logs_is_watched(alarms: list[Resource]) -> None:
    """By the names that functions record: figures under any other name would never be looked at."""
    watched = {
        each["MetricName"]: {value["Name"]: value["Value"] for value in each["Dimensions"]}
        for alarm in alarms
        for each in _metrics(alarm)
        if each["Namespace"] == "usage-to-cash"
    }

    of_ledger = {key: {"service": "aggregate_usage"} for key in ("SlotsTaken", "SlotsLost", "BucketsContended")}
    assert watched == of_ledger | {
        "MasterDataAge": {"service": "enrich_usage"},
        "QuietProducers": {"service": "detect_quiet_producers"},
        "ErpsStopped": {"service": "watch_erps"},
        "OldestPostingAge": {"service": "watch_erps"},
    }


def test_every_alarm_says_what_to_do_first_and_where_the_rest_is_written(alarms: list[Resource]) -> None:
    for alarm in alarms:
        description = alarm.properties["AlarmDescription"]
        runbook = re.search(r" First: .+ Runbook: (docs/runbooks/[\w-]+\.md)$", description)
        assert runbook is not None, description
        assert (ROOT / runbook[1]).is_file(), description
        assert len(alarm.properties["AlarmActions"]) == 1


def test_no_runbook_is_left_that_no_alarm_names(alarms: list[Resource]) -> None:
    descriptions = " ".join(alarm.properties["AlarmDescription"] for alarm in alarms)

    assert all(f"docs/runbooks/{runbook.name}" in descriptions for runbook in RUNBOOKS)


def test_alarms_travel_encrypted(synthesized: Synthesized) -> None:
    (topic,) = synthesized.of_type("AWS::SNS::Topic")

    assert "KmsMasterKeyId" in topic.properties
