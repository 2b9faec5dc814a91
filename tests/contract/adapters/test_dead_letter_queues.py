"""Looking into dead-letter queues takes nothing out."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from shared.adapters.sqs.dead_letter_queues import SqsDeadLetters
from shared.runtime import aws
from tests.builders.aws_resources import create_queue


@pytest.fixture
def queues() -> Iterator[dict[str, str]]:
    with mock_aws():
        yield {"erp-postings": create_queue("erp-postings-dead"), "exceptions": create_queue("exceptions-dead")}


def test_every_message_is_seen_once_and_stays(queues: dict[str, str]) -> None:
    for number in range(23):
        aws.sqs().send_message(QueueUrl=queues["erp-postings"], MessageBody=f'{{"posting_id": "acme/{number}"}}')

    seen = list(SqsDeadLetters(aws.sqs(), queues).peek())

    assert sorted({letter.subject for letter in seen}) == sorted(f"erp-postings/acme/{number}" for number in range(23))
    assert len(seen) == 23
    kept = aws.sqs().get_queue_attributes(QueueUrl=queues["erp-postings"], AttributeNames=["All"])["Attributes"]
    assert int(kept["ApproximateNumberOfMessages"]) + int(kept["ApproximateNumberOfMessagesNotVisible"]) == 23


def test_empty_queues_hold_no_dead_letters(queues: dict[str, str]) -> None:
    assert list(SqsDeadLetters(aws.sqs(), queues).peek()) == []
