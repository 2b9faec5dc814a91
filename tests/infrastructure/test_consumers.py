"""Mappings from streams and queues, and schedules: bounded, and with a place for what fails for good."""

import pytest

from tests.infrastructure.synthesized import Resource, Synthesized, attribute

CONSUMERS = {"ingest_usage", "archive_usage", "enrich_usage", "aggregate_usage"}
SCHEDULES = {
    "close_usage_windows": "rate(1 hour)",
    "apply_usage_corrections": "rate(15 minutes)",
    "compact_usage_archive": "rate(1 hour)",
    "detect_late_usage": "rate(1 day)",
    "escalate_approvals": "rate(1 hour)",
    "issue_credit_note": "cron(0 9 * * ? *)",
    "record_bill_runs": "cron(0 5 * * ? *)",
    "detect_quiet_producers": "rate(10 minutes)",
    "verify_producer_counts": "cron(0 4 * * ? *)",
    "record_dead_letters": "rate(15 minutes)",
    "relay_postings": "rate(5 minutes)",
    "watch_erps": "rate(5 minutes)",
    "deliver_erp_files": "rate(15 minutes)",
    "read_erp_answers": "rate(15 minutes)",
    "sync_settlements": "rate(10 minutes)",
    "sync_accounting_periods": "rate(6 hours)",
    "renew_erp_notices": "cron(45 4 * * ? *)",
    "check_erp_mappings": "cron(30 5 * * ? *)",
    "relay_tax_commits": "rate(5 minutes)",
}
DAY = 86_400


@pytest.fixture
def stream_mappings(synthesized: Synthesized) -> list[Resource]:
    mappings = synthesized.of_type("AWS::Lambda::EventSourceMapping")
    return [each for each in mappings if "StartingPosition" in each.properties]


def test_every_mapping_reports_the_items_that_failed(synthesized: Synthesized) -> None:
    mappings = synthesized.of_type("AWS::Lambda::EventSourceMapping")

    assert all(each.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for each in mappings)
    assert not any("FilterCriteria" in each.properties for each in mappings)


def test_every_stream_consumer_is_fed_from_the_oldest_record_on(
    synthesized: Synthesized, stream_mappings: list[Resource]
) -> None:
    fed = {
        synthesized.by_id(attribute(each.properties["FunctionName"])).properties["Handler"].split(".")[1]
        for each in stream_mappings
    }

    assert fed == CONSUMERS
    assert {each.properties["StartingPosition"] for each in stream_mappings} == {"TRIM_HORIZON"}
    assert {each.properties["BatchSize"] for each in stream_mappings} == {1000}
    assert {each.properties["ParallelizationFactor"] for each in stream_mappings} == {1}


def test_a_record_is_given_up_to_the_bucket_before_its_stream_forgets_it(
    synthesized: Synthesized, stream_mappings: list[Resource]
) -> None:
    retention = {each.properties["RetentionPeriodHours"] for each in synthesized.of_type("AWS::Kinesis::Stream")}

    assert retention == {7 * 24}
    for mapping in stream_mappings:
        assert 0 < mapping.properties["MaximumRetryAttempts"] < 10_000
        assert mapping.properties["MaximumRecordAgeInSeconds"] == 6 * DAY
        destination = mapping.properties["DestinationConfig"]["OnFailure"]["Destination"]
        assert "FailedBatchesBucket" in attribute(destination)


def test_records_of_one_key_stay_in_order(synthesized: Synthesized) -> None:
    modes = [each.properties.get("RecordDistributionStrategy") for each in synthesized.of_type("AWS::Kinesis::Stream")]

    assert "AUTO" not in modes


@pytest.mark.parametrize(("name", "expression"), sorted(SCHEDULES.items()))
def test_a_schedule_hands_its_time_to_its_function(synthesized: Synthesized, name: str, expression: str) -> None:
    function = synthesized.function(name)

    (schedule,) = (
        each
        for each in synthesized.of_type("AWS::Scheduler::Schedule")
        if attribute(each.properties["Target"]["Arn"]) == function.logical_id
    )

    assert schedule.properties["ScheduleExpression"] == expression
    assert schedule.properties["Target"]["Input"] == '{"time":"<aws.scheduler.scheduled-time>"}'


def test_the_bill_run_starts_every_morning(synthesized: Synthesized) -> None:
    (schedule,) = (
        each
        for each in synthesized.of_type("AWS::Scheduler::Schedule")
        if "BillRunStateMachine" in attribute(each.properties["Target"]["Arn"])
    )

    assert schedule.properties["ScheduleExpression"] == "cron(0 6 * * ? *)"
    assert schedule.properties["Target"]["Input"] == '{"scheduled_time":"<aws.scheduler.scheduled-time>"}'


def test_parked_usage_is_looked_at_every_hour(synthesized: Synthesized) -> None:
    (schedule,) = (
        each
        for each in synthesized.of_type("AWS::Scheduler::Schedule")
        if "ParkedUsageReleases" in attribute(each.properties["Target"]["Arn"])
    )

    assert schedule.properties["ScheduleExpression"] == "rate(1 hour)"
    assert schedule.properties["Target"]["Input"] == {"Fn::Join": ["", ['{"tenant":"', {"Ref": "Tenant"}, '"}']]}


def test_every_schedule_is_bounded_and_has_a_role_and_dead_letters_of_its_own(synthesized: Synthesized) -> None:
    schedules = synthesized.of_type("AWS::Scheduler::Schedule")
    targets = [each.properties["Target"] for each in schedules]

    assert len(schedules) == len(SCHEDULES) + 2  # the bill run, and parked usage
    assert len({attribute(target["RoleArn"]) for target in targets}) == len(targets)
    assert len({attribute(target["DeadLetterConfig"]["Arn"]) for target in targets}) == len(targets)
    assert all(0 < target["RetryPolicy"]["MaximumRetryAttempts"] <= 185 for target in targets)


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_a_scheduled_function_keeps_the_event_it_fails_on(synthesized: Synthesized, name: str) -> None:
    function = synthesized.function(name)

    (retries,) = (
        each
        for each in synthesized.of_type("AWS::Lambda::EventInvokeConfig")
        if attribute(each.properties["FunctionName"]) == function.logical_id
    )
    (schedule,) = (
        each
        for each in synthesized.of_type("AWS::Scheduler::Schedule")
        if attribute(each.properties["Target"]["Arn"]) == function.logical_id
    )

    assert retries.properties["MaximumRetryAttempts"] == 2
    assert (
        function.properties["DeadLetterConfig"]["TargetArn"] == schedule.properties["Target"]["DeadLetterConfig"]["Arn"]
    )
