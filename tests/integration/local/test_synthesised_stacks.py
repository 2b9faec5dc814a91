"""The very templates that the CDK synthesises, deployed locally."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.synthesize import templates
from operations.local.cloud import LocalCloud
from operations.local.functions import import_handler
from tests.builders.aws_resources import records_of
from tests.builders.lambda_functions import sample_event

ROOT = Path(__file__).resolve().parents[3]
START = datetime(2026, 1, 1, tzinfo=UTC)
OUTPUTS = {
    *("UsageEventsStream", "AcceptedUsageStream", "BillableUsageStream"),
    *("UsageArchiveBucket", "CatalogBucket", "FailedBatchesBucket"),
    *("MeteringLedgerTable", "ParkedUsageTable", "MasterDataTable"),
    *("InvoicesTable", "PostingsTable", "ExceptionsTable"),
    *("ExceptionsQueueUrl", "ExceptionsDeadLetterQueueUrl"),
    *("MasterDataChangesQueueUrl", "MasterDataChangesDeadLetterQueueUrl"),
    *("ParkedUsageReleasesQueueUrl", "ParkedUsageReleasesDeadLetterQueueUrl"),
    *("ApprovalDecisionsQueueUrl", "ApprovalDecisionsDeadLetterQueueUrl"),
    *("ErpPostingsQueueUrl", "ErpPostingsDeadLetterQueueUrl"),
    *("BillRunStateMachineArn", "InvoiceLifecycleStateMachineArn", "ErpSigningKeyId"),
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(templates(ROOT / ".local" / "synth"), tenant="acme", start=START) as deployed:
        yield deployed


def test_every_output_that_local_runs_read_is_there(cloud: LocalCloud) -> None:
    assert all(cloud.resource(key) for key in OUTPUTS)


def test_every_folder_is_deployed_and_every_deployed_function_has_a_folder(cloud: LocalCloud) -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}

    assert {function.folder for function in cloud.functions} == folders


def test_every_function_starts_in_the_environment_it_is_given(cloud: LocalCloud) -> None:
    for function in cloud.functions:
        import_handler(function)


def test_the_erp_signing_key_signs(cloud: LocalCloud) -> None:
    signed = boto3.client("kms").sign(
        KeyId=cloud.resource("ErpSigningKeyId"), Message=b"claims", SigningAlgorithm="ECDSA_SHA_256"
    )

    assert signed["Signature"]


def test_a_day_without_usage_passes(cloud: LocalCloud) -> None:
    cloud.advance_to(START + timedelta(days=1, hours=7))


def test_usage_that_is_posted_is_accepted_by_ingest(cloud: LocalCloud) -> None:
    now = cloud.clock.now()
    call = json.loads((ROOT / "events" / "usage-recorded-v2.json").read_text()) | {"time": now.isoformat()}
    request = sample_event("accept_usage")
    request["requestContext"]["timeEpoch"] = int(now.timestamp() * 1000)

    response = cloud.invoke("accept_usage", request | {"body": json.dumps([call]), "isBase64Encoded": False})
    cloud.settle()

    assert response["statusCode"] == 202
    assert [row["id"] for row in _rows(cloud.resource("AcceptedUsageStream"))] == [call["id"]]


def _rows(stream: str) -> list[dict[str, Any]]:
    shards = boto3.client("kinesis").list_shards(StreamName=stream)["Shards"]
    return [
        row for shard in range(len(shards)) for record in records_of(stream, shard=shard) for row in json.loads(record)
    ]
