"""What the platform gives up becomes an exception: the rules write messages that the exceptions queue understands."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from shared.contracts.exceptions import read_message
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from tests.infrastructure.synthesized import Resource, Synthesized

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:InvoiceLifecycle"
OTHER_MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:BillRun"
THIRD_MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:AmendSubscription"
BUCKET = "failed-batches"


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


def _report(rule: Resource, event: dict[str, Any]) -> ExceptionRecord:
    """Put an event on the bus with the rule in place; return the exception that arrives in its queue."""
    events, sqs = boto3.client("events"), boto3.client("sqs")
    url = sqs.create_queue(QueueName="exceptions")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = _resolved(rule.properties["EventPattern"])
    (target,) = rule.properties["Targets"]
    events.put_rule(Name="rule", EventPattern=json.dumps(pattern))
    events.put_targets(
        Rule="rule",
        Targets=[{"Id": "queue", "Arn": arn, "InputTransformer": _resolved(target["InputTransformer"])}],
    )
    events.put_events(Entries=[event])
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    raised, resolved = read_message(message["Body"])
    assert not resolved
    (record,) = raised
    return record


def _resolved(value: Any) -> Any:
    """Resolve references as a deploy would."""
    match value:
        case {"Fn::Join": [str(separator), list(pieces)]}:
            return separator.join(_resolved(piece) for piece in pieces)
        case {"Ref": _} | {"Fn::ImportValue": _}:
            return _value_of(next(iter(value.values())))
        case dict():
            return {key: _resolved(each) for key, each in value.items()}
        case list():
            return [_resolved(each) for each in value]
        case _:
            return value


def _value_of(name: str) -> str:
    values = {
        "Tenant": "acme-software",
        "InvoiceLifecycle": MACHINE,
        "BillRun": OTHER_MACHINE,
        "AmendSubscription": THIRD_MACHINE,
        "FailedBatches": BUCKET,
    }
    (found,) = (value for part, value in values.items() if part in name)
    return found


def _rule(synthesized: Synthesized, source: str) -> Resource:
    (rule,) = (
        each
        for each in synthesized.of_type("AWS::Events::Rule")
        if each.properties["EventPattern"]["source"] == [source]
    )
    return rule


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_an_execution_that_ends_without_success_opens_an_exception(synthesized: Synthesized, status: str) -> None:
    record = _report(
        _rule(synthesized, "aws.states"),
        {
            "Source": "aws.states",
            "DetailType": "Step Functions Execution Status Change",
            "Detail": json.dumps(
                {"name": "acme-2026-10", "status": status, "executionArn": "arn:e", "stateMachineArn": MACHINE}
            ),
        },
    )

    assert record.code is ExceptionCode.FAILED_EXECUTION
    assert record.exception_id == exception_id(ExceptionCode.FAILED_EXECUTION, "acme-2026-10")
    assert record.tenant == "acme-software"
    assert record.subject == "acme-2026-10"
    assert record.detail == {"execution": "arn:e"}
    assert status in record.message


@pytest.mark.usefixtures("aws")
def test_a_batch_that_is_given_up_opens_an_exception_that_says_where_its_records_are(synthesized: Synthesized) -> None:
    key = "aws/lambda/0f1e/shardId-000000000000/2026/10/31/2026-10-31T12.00.00-77"

    record = _report(
        _rule(synthesized, "aws.s3"),
        {
            "Source": "aws.s3",
            "DetailType": "Object Created",
            "Detail": json.dumps({"bucket": {"name": BUCKET}, "object": {"key": key}}),
        },
    )

    assert record.code is ExceptionCode.FAILED_BATCH
    assert record.exception_id == exception_id(ExceptionCode.FAILED_BATCH, key)
    assert record.detail == {"bucket": BUCKET, "key": key}


def test_the_bucket_of_failed_batches_tells_of_each_object(synthesized: Synthesized) -> None:
    bucket = synthesized.by_id("FailedBatchesBucket")

    assert bucket.properties["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


def test_an_event_that_cannot_be_delivered_is_kept(synthesized: Synthesized) -> None:
    rules = synthesized.of_type("AWS::Events::Rule")

    assert all("DeadLetterConfig" in target for rule in rules for target in rule.properties["Targets"])
