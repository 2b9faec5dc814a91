"""Each stand-in differs from AWS exactly where the table says: a stand-in that heals fails here, and its row goes."""

import os
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from operations.local.clock import SimulatedClock
from operations.local.moto_engine.simulated_time import moto_on_simulated_time
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.domain.metering.layout import Bucket
from shared.domain.metering.slot import Log, UsageSlot
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.metered_usage import TENANT
from tests.contract.stand_ins.divergences import DIVERGENCES, Divergence
from tests.contract.stand_ins.document import DOCUMENT, document
from tests.fakes.in_memory_metering_ledger import InMemoryMeteringLedger

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


def test_a_fake_takes_a_slot_that_is_too_large_for_a_table() -> None:
    log = Log(Bucket(1, 0, datetime(2026, 1, 15, tzinfo=UTC)))
    slot = UsageSlot(b"", bytes(410_000), "", datetime(2026, 1, 15, tzinfo=UTC))

    assert InMemoryMeteringLedger().put(log, 1, slot)
    with mock_aws(), pytest.raises(ClientError, match="size"):
        DynamoMeteringLedger(aws.dynamodb(), create_table("ledger"), TENANT).put(log, 1, slot)


def test_the_document_lists_the_divergences() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run python -m tests.contract.stand_ins.document"
