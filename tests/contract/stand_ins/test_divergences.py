"""Each stand-in differs from AWS exactly where the table says: a stand-in that heals fails here, and its row goes."""

import os
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto import mock_aws

from operations.local.clock import SimulatedClock
from operations.local.moto_engine.simulated_time import moto_on_simulated_time
from tests.contract.stand_ins.divergences import DIVERGENCES, Divergence
from tests.contract.stand_ins.document import DOCUMENT, document

IS_MINISTACK = "AWS_ENDPOINT_URL" in os.environ


@pytest.mark.parametrize("divergence", DIVERGENCES, ids=lambda each: each.case)
def test_a_stand_in_does_what_the_table_says(divergence: Divergence) -> None:
    with mock_aws():
        assert divergence.probe() == (divergence.ministack if IS_MINISTACK else divergence.moto)


@pytest.mark.parametrize("divergence", DIVERGENCES, ids=lambda each: each.case)
def test_every_row_is_a_divergence(divergence: Divergence) -> None:
    assert {divergence.moto, divergence.ministack} != {divergence.aws}


@pytest.mark.skipif(IS_MINISTACK, reason="it needs simulated time")
def test_a_fifo_queue_of_moto_leaves_out_a_message_that_was_received_and_not_deleted() -> None:
    clock = SimulatedClock(datetime(2026, 2, 1, tzinfo=UTC))
    with mock_aws(), moto_on_simulated_time(clock):
        sqs = boto3.client("sqs")
        queue = sqs.create_queue(QueueName="p.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        for body in ("1", "2", "3"):
            sqs.send_message(QueueUrl=queue, MessageBody=body, MessageGroupId="acme", MessageDeduplicationId=body)
        received = []
        for _ in range(2):
            messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=2)["Messages"]
            received.append([message["Body"] for message in messages])
            clock.advance_to(clock.now() + timedelta(seconds=31))

    assert received == [["1", "2"], ["2", "3"]]  # on AWS the second is the first again


def test_the_document_lists_the_divergences() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run python -m tests.contract.stand_ins.document"
