"""The local cloud as a whole, on two toy stacks."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from operations.local.cloud import LocalCloud, UsageRecord
from operations.local.functions import FunctionError
from tests.integration.local.toy_stacks import toy_stacks

START = datetime(2026, 1, 31, 22, 30, tzinfo=UTC)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(toy_stacks(), tenant="acme-cloud", start=START) as deployed:
        yield deployed


def usage(*data: str, arrived_at: datetime = START, key: str = "acme") -> list[UsageRecord]:
    return [UsageRecord(arrived_at, key, each.encode()) for each in data]


def items(cloud: LocalCloud) -> list[dict[str, Any]]:
    found = boto3.client("dynamodb").scan(TableName=cloud.resource("Table"))["Items"]
    return [{key: next(iter(value.values())) for key, value in item.items()} for item in found]


def messages(cloud: LocalCloud, key: str) -> list[Any]:
    received = boto3.client("sqs").receive_message(QueueUrl=cloud.resource(key), MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in received.get("Messages", [])]


def start_lifecycle(cloud: LocalCloud, name: str, **given: Any) -> str:
    parameters = {"n": 0, "post": False, "times": 1, "fail_posting": False} | given
    started = boto3.client("stepfunctions").start_execution(
        stateMachineArn=cloud.resource("LifecycleStateMachineArn"), name=name, input=json.dumps(parameters)
    )
    return started["executionArn"]


def described(execution_arn: str) -> Any:
    return boto3.client("stepfunctions").describe_execution(executionArn=execution_arn)


def test_usage_reaches_the_function_with_its_own_time_of_arrival(cloud: LocalCloud) -> None:
    cloud.put_usage(usage("api_calls", arrived_at=START - timedelta(hours=1)))

    cloud.settle()

    assert [(item["sk"], float(item["arrived_at"])) for item in items(cloud)] == [
        ("api_calls", (START - timedelta(hours=1)).timestamp())
    ]


def test_usage_of_the_future_is_refused(cloud: LocalCloud) -> None:
    with pytest.raises(ValueError, match="arrives at"):
        cloud.put_usage(usage("api_calls", arrived_at=START + timedelta(seconds=1)))


def test_a_poisoned_batch_ends_as_an_object_and_its_exception(cloud: LocalCloud) -> None:
    cloud.put_usage(usage("first", "poison", "after"))

    cloud.settle()

    (exception,) = messages(cloud, "ExceptionsQueueUrl")
    key = exception["key"]
    stored = boto3.client("s3").get_object(Bucket=cloud.resource("FailedBatchesBucket"), Key=key)["Body"].read()
    assert json.loads(stored)["KinesisBatchInfo"]["startSequenceNumber"] == "2"
    assert exception == {
        "tenant": "acme-cloud",
        "id": f"FAILED_BATCH:{key}",
        "raised_at": "2026-01-31T22:30:00Z",
        "key": key,
    }
    assert [item["sk"] for item in items(cloud)] == ["first"]


def test_a_function_that_dies_of_every_second_record_gets_through_smaller_batches(cloud: LocalCloud) -> None:
    written: list[str] = []

    def die_at_every_second_record(function: str, when: str, operation: str) -> None:
        if (when, operation) == ("before", "dynamodb.PutItem"):
            written.append(operation)
            if len(written) % 2 == 0:
                raise KilledError

    cloud.on_call = die_at_every_second_record
    cloud.put_usage(usage("first", "second", "third"))
    cloud.settle()

    assert sorted(item["sk"] for item in items(cloud)) == ["first", "second", "third"]
    assert messages(cloud, "ExceptionsQueueUrl") == []


def test_usage_that_is_too_old_for_its_mapping_is_given_up(cloud: LocalCloud) -> None:
    cloud.put_usage(usage("yesterday", arrived_at=START - timedelta(days=1, seconds=1)) + usage("today"))

    cloud.settle()

    (exception,) = messages(cloud, "ExceptionsQueueUrl")
    key = exception["key"]
    stored = boto3.client("s3").get_object(Bucket=cloud.resource("FailedBatchesBucket"), Key=key)["Body"].read()
    assert json.loads(stored)["requestContext"]["condition"] == "RecordAgeExceeded"
    assert [item["sk"] for item in items(cloud)] == ["today"]


def test_parameters_reach_the_stacks(cloud: LocalCloud) -> None:
    assert cloud.resource("Tenant") == "acme-cloud"


def test_an_unknown_output_names_the_known_ones(cloud: LocalCloud) -> None:
    with pytest.raises(KeyError, match="PostingsQueueUrl"):
        cloud.resource("PostingQueueUrl")


def test_each_deployment_starts_with_a_fresh_environment() -> None:
    for _ in range(2):
        with LocalCloud(toy_stacks(), tenant="acme", start=START) as cloud:
            cloud.put_usage(usage("api_calls"))
            cloud.settle()
            assert len(items(cloud)) == 1


def test_two_deployments_have_the_same_names_and_message_ids() -> None:
    seen = []
    for _ in range(2):
        with LocalCloud(toy_stacks(), tenant="acme", start=START) as cloud:
            url = cloud.resource("ExceptionsQueueUrl")
            seen.append((url, boto3.client("sqs").send_message(QueueUrl=url, MessageBody="a")["MessageId"]))

    assert seen[0] == seen[1]


def test_a_schedule_fires_once_for_the_last_time_it_was_due(cloud: LocalCloud) -> None:
    cloud.advance_to(START + timedelta(minutes=59))
    assert items(cloud) == []

    cloud.advance_to(START + timedelta(hours=5, minutes=1))

    assert [(item["sk"], item["now"]) for item in items(cloud)] == [
        ("2026-02-01T03:30:00Z", "2026-02-01T03:31:00+00:00")
    ]


def test_an_execution_runs_to_its_end(cloud: LocalCloud) -> None:
    execution = start_lifecycle(cloud, "acme-2026-01")
    assert described(execution)["status"] == "RUNNING"

    cloud.settle()

    assert described(execution)["status"] == "SUCCEEDED"
    assert json.loads(described(execution)["output"])["n"] == 1


def test_an_execution_waits_until_its_token_is_answered(cloud: LocalCloud) -> None:
    execution = start_lifecycle(cloud, "acme-2026-01", post=True)

    cloud.settle()

    assert json.loads(described(execution)["output"]) == {"posted": True}


def test_a_token_answered_twice_times_out_the_second_answer(cloud: LocalCloud) -> None:
    execution = start_lifecycle(cloud, "acme-2026-01", post=True, times=2)

    cloud.settle()

    assert described(execution)["status"] == "SUCCEEDED"
    cloud.advance_to(START + timedelta(minutes=3))
    cloud.advance_to(START + timedelta(minutes=6))
    assert len(messages(cloud, "PostingsDeadLetterQueueUrl")) == 1


def test_an_unknown_token_is_invalid(cloud: LocalCloud) -> None:
    with pytest.raises(ClientError, match="InvalidToken"):
        boto3.client("stepfunctions").send_task_success(taskToken="made-up", output="{}")


def test_a_wait_for_a_token_times_out_in_simulated_time_and_the_failure_is_published(cloud: LocalCloud) -> None:
    execution = start_lifecycle(cloud, "acme-2026-01", post=True, fail_posting=True)
    cloud.settle()
    cloud.advance_to(START + timedelta(hours=23))
    assert described(execution)["status"] == "RUNNING"

    cloud.advance_to(START + timedelta(hours=24))

    assert described(execution)["error"] == "NotPosted"
    (event,) = messages(cloud, "ExceptionsQueueUrl")
    assert (event["source"], event["time"], event["detail"]["status"]) == (
        "aws.states",
        "2026-02-01T22:30:00Z",
        "FAILED",
    )
    assert event["detail"]["executionArn"] == execution


def test_a_failed_task_is_retried_without_waiting_and_fails_the_execution(cloud: LocalCloud) -> None:
    execution = start_lifecycle(cloud, "acme-2026-01", fail=True)

    cloud.settle()

    assert described(execution)["error"] == "CannotCountError"


def test_a_message_that_keeps_failing_reaches_the_dead_letter_queue_at_the_receive_after_the_last(
    cloud: LocalCloud,
) -> None:
    cloud.send("Postings", {"token": "t", "fail": True})
    cloud.settle()
    cloud.advance_to(START + timedelta(seconds=60))
    assert messages(cloud, "PostingsDeadLetterQueueUrl") == []

    cloud.advance_to(START + timedelta(seconds=120))

    assert messages(cloud, "PostingsDeadLetterQueueUrl") == [{"token": "t", "fail": True}]


def test_a_redriven_message_starts_over(cloud: LocalCloud) -> None:
    cloud.send("Postings", {"token": "t", "fail": True})
    for seconds in (0, 60, 120):
        cloud.advance_to(START + timedelta(seconds=seconds))
    (dead,) = messages(cloud, "PostingsDeadLetterQueueUrl")

    cloud.send("Postings", dead)
    cloud.settle()

    attributes = boto3.client("sqs").get_queue_attributes(
        QueueUrl=cloud.resource("PostingsQueueUrl"), AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
    )["Attributes"]
    assert attributes == {"ApproximateNumberOfMessagesNotVisible": "1"}


def test_an_error_of_a_function_carries_its_type(cloud: LocalCloud) -> None:
    with pytest.raises(FunctionError, match="CannotCountError: told to fail"):
        cloud.invoke("count_up", {"fail": True})


def test_lambda_can_be_invoked_through_the_sdk(cloud: LocalCloud) -> None:
    answer = boto3.client("lambda").invoke(FunctionName="count_up", Payload=b'{"n": 41}')

    assert json.load(answer["Payload"]) == {"n": 42}


class KilledError(BaseException):
    """Not an Exception, so that no handler can survive it."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_function_killed_at_a_call_is_tried_again_in_a_new_environment(cloud: LocalCloud, moment: str) -> None:
    seen: list[tuple[str, str, str]] = []

    def kill_once(function: str, when: str, operation: str) -> None:
        seen.append((function, when, operation))
        if when == moment and sum(call[1] == moment for call in seen) == 1:
            raise KilledError

    cloud.on_call = kill_once
    cloud.put_usage(usage("api_calls"))
    cloud.settle()

    assert ("record_usage", "after", "dynamodb.PutItem") in seen
    assert len(items(cloud)) == 1
    assert cloud.invoke("record_usage", {"Records": []}) == {"batchItemFailures": []}


def test_leaving_stops_every_thread() -> None:
    before = threading.active_count()
    with LocalCloud(toy_stacks(), tenant="acme", start=START) as cloud:
        for number in range(5):
            start_lifecycle(cloud, f"acme-{number}", post=True, fail_posting=True)
        cloud.settle()
        assert threading.active_count() > before

    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("asked_for", "reason"),
    [
        ({"FilterCriteria": {"Filters": []}}, "a filter drops records"),
        ({"StartingPosition": "LATEST"}, "only TRIM_HORIZON"),
        ({"TumblingWindowInSeconds": 60}, "a tumbling window"),
    ],
)
def test_a_mapping_that_may_lose_records_is_not_deployed(asked_for: dict[str, Any], reason: str) -> None:
    templates = toy_stacks()
    for template in templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Lambda::EventSourceMapping":
                resource["Properties"] |= asked_for

    with pytest.raises(ValueError, match=reason), LocalCloud(templates, tenant="acme-cloud", start=START):
        pass
