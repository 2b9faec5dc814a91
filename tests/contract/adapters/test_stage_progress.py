"""Every keeper of progress keeps the furthest record of each stage and shard."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.domain.metering.watermark import Checkpoint
from shared.ports.stage_progress import StageProgress
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.metered_usage import NOON, SHARD, TENANT
from tests.fakes.in_memory_stage_progress import InMemoryStageProgress

OTHER_SHARD = "shardId-000000000001"


@pytest.fixture(params=["in memory", "dynamodb"])
def progress(request: pytest.FixtureRequest) -> Iterator[StageProgress]:
    if request.param == "in memory":
        yield InMemoryStageProgress()
        return
    with mock_aws():
        yield DynamoStageProgress(aws.dynamodb(), create_table("ledger"), TENANT)


def test_each_stage_and_shard_has_its_own_checkpoint(progress: StageProgress) -> None:
    progress.record("ingest", SHARD, "7", NOON)
    progress.record("ingest", OTHER_SHARD, "3", NOON)
    progress.record("enrich", SHARD, "1", NOON)

    assert progress.checkpoints("ingest") == {SHARD: Checkpoint("7", NOON), OTHER_SHARD: Checkpoint("3", NOON)}
    assert progress.checkpoints("aggregate") == {}


def test_progress_goes_forward_by_number_and_not_by_text(progress: StageProgress) -> None:
    for sequence_number in ("9", "10", "2"):
        progress.record("ingest", SHARD, sequence_number, NOON + timedelta(seconds=int(sequence_number)))

    assert progress.checkpoints("ingest")[SHARD] == Checkpoint("10", NOON + timedelta(seconds=10))


def test_sequence_numbers_of_kinesis_come_back_as_they_were(progress: StageProgress) -> None:
    sequence_number = "49590338271490256608559692538361571095921575989136588898"
    progress.record("ingest", SHARD, sequence_number, NOON)

    assert progress.checkpoints("ingest")[SHARD].sequence_number == sequence_number
