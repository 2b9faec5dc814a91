"""What must never be lost: it stays when its stack goes, and moving code does not replace it."""

import json
from datetime import timedelta

import pytest

from infra.constructs.usage_stream import RETENTION
from infra.stages.data import BACKFILLS_KEPT_DAYS
from infra.stages.metering import ACCEPTANCE_HORIZON_DAYS, FUTURE_TOLERANCE_SECONDS, SEAL_GRACE_HOURS
from shared.domain.backfill import backfill
from shared.domain.metering.layout import MAX_SLICE
from shared.domain.metering.slot_lifetime import KEPT, STREAM_RETENTION
from tests.infrastructure.synthesized import FUNCTION_FOLDERS, Synthesized

TABLES = {
    "ExceptionsTable",
    "InvoicesTable",
    "MasterDataTable",
    "MeteringLedgerTable",
    "ParkedUsageTable",
    "PostingsTable",
    "UsageCorrectionsTable",
    "UsageRepairsTable",
}
STREAMS = {"AcceptedUsageStream", "BillableUsageStream", "UsageEventsStream"}
BUCKETS = {
    "BackfillsBucket",
    "CatalogBucket",
    "ErpFilesBucket",
    "FailedBatchesBucket",
    "InvoiceDocumentsBucket",
    "UsageArchiveBucket",
}
QUEUES = {
    "ApprovalDecisions",
    "ErpPostings",
    "Exceptions",
    "InvoiceDocuments",
    "MasterDataChanges",
    "ParkedUsageReleases",
}


@pytest.mark.parametrize(
    ("resource_type", "logical_ids"),
    [("AWS::DynamoDB::Table", TABLES), ("AWS::Kinesis::Stream", STREAMS), ("AWS::S3::Bucket", BUCKETS)],
)
def test_logical_ids_of_what_holds_state_never_change(
    synthesized: Synthesized, resource_type: str, logical_ids: set[str]
) -> None:
    """A changed id makes AWS create an empty one beside the full one. Add to these lists; never edit a name."""
    assert {each.logical_id for each in synthesized.of_type(resource_type)} == logical_ids


def test_deleting_a_stack_deletes_nothing_that_holds_state(synthesized: Synthesized) -> None:
    kinds = ("AWS::DynamoDB::Table", "AWS::Kinesis::Stream", "AWS::S3::Bucket", "AWS::KMS::Key")
    stateful = [resource for kind in kinds for resource in synthesized.of_type(kind)]

    assert {resource.deletion_policy for resource in stateful} == {"Retain"}


def test_the_data_stack_cannot_be_deleted_by_accident(synthesized: Synthesized) -> None:
    manifest = json.loads((synthesized.assembly / "manifest.json").read_text(encoding="utf-8"))

    assert manifest["artifacts"]["UsageToCashData"]["properties"]["terminationProtection"] is True


def test_tables_can_be_restored_to_any_second_and_are_protected(synthesized: Synthesized) -> None:
    for table in synthesized.of_type("AWS::DynamoDB::Table"):
        assert table.properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table.properties["DeletionProtectionEnabled"] is True
        assert table.properties["SSESpecification"]["SSEType"] == "KMS"
        assert [key["AttributeName"] for key in table.properties["KeySchema"]] == ["pk", "sk"]


def test_only_the_ledger_forgets_and_only_what_it_dates(synthesized: Synthesized) -> None:
    forgetful = {
        table.logical_id: table.properties["TimeToLiveSpecification"]
        for table in synthesized.of_type("AWS::DynamoDB::Table")
        if "TimeToLiveSpecification" in table.properties
    }

    assert forgetful == {"MeteringLedgerTable": {"AttributeName": "expires_at", "Enabled": True}}


def test_ids_outlive_every_way_on_which_an_event_can_come_again() -> None:
    horizon = timedelta(days=int(ACCEPTANCE_HORIZON_DAYS), seconds=int(FUTURE_TOLERANCE_SECONDS))
    retention = timedelta(seconds=RETENTION.to_seconds())

    assert retention == STREAM_RETENTION
    assert MAX_SLICE + horizon + 3 * retention < KEPT - retention
    assert MAX_SLICE + timedelta(days=31, hours=int(SEAL_GRACE_HOURS)) < KEPT - timedelta(days=90)


def test_postings_are_found_by_when_they_are_due_and_by_the_key_that_their_documents_carry(
    synthesized: Synthesized,
) -> None:
    due, carried = synthesized.by_id("PostingsTable").properties["GlobalSecondaryIndexes"]

    assert (due["IndexName"], carried["IndexName"]) == ("open-by-due", "by-external-ref")
    assert [key["AttributeName"] for key in due["KeySchema"]] == ["open", "due"]
    assert due["Projection"] == {"ProjectionType": "ALL"}
    assert [key["AttributeName"] for key in carried["KeySchema"]] == ["carries"]
    assert carried["Projection"] == {"ProjectionType": "KEYS_ONLY"}


def test_buckets_are_private_versioned_and_encrypted(synthesized: Synthesized) -> None:
    for bucket in synthesized.of_type("AWS::S3::Bucket"):
        assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket.properties["VersioningConfiguration"] == {"Status": "Enabled"}
        (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


def test_only_what_was_loaded_for_a_backfill_vanishes_from_a_bucket(synthesized: Synthesized) -> None:
    forgetful = {
        bucket.logical_id: [rule["ExpirationInDays"] for rule in bucket.properties["LifecycleConfiguration"]["Rules"]]
        for bucket in synthesized.of_type("AWS::S3::Bucket")
        if "LifecycleConfiguration" in bucket.properties
    }

    assert forgetful == {"BackfillsBucket": [BACKFILLS_KEPT_DAYS]}
    assert timedelta(days=BACKFILLS_KEPT_DAYS) == backfill.KEPT


def test_erps_trust_a_signing_key_that_never_leaves_kms(synthesized: Synthesized) -> None:
    (key,) = (each for each in synthesized.of_type("AWS::KMS::Key") if "KeySpec" in each.properties)

    assert key.properties["KeySpec"] == "ECC_NIST_P256"
    assert key.properties["KeyUsage"] == "SIGN_VERIFY"


def test_one_encryption_key_a_stack_is_enough(synthesized: Synthesized) -> None:
    keys = [each for each in synthesized.of_type("AWS::KMS::Key") if "KeySpec" not in each.properties]

    assert len(keys) == len(synthesized.templates)
    assert all(each.properties["EnableKeyRotation"] is True for each in keys)


def test_the_names_that_people_and_local_runs_need_are_outputs(synthesized: Synthesized) -> None:
    functions = {f"{''.join(word.capitalize() for word in name.split('_'))}FunctionName" for name in FUNCTION_FOLDERS}
    queues = {f"{name}{kind}" for name in QUEUES for kind in ("QueueUrl", "DeadLetterQueueUrl")}
    others = {"BillRunStateMachineArn", "InvoiceLifecycleStateMachineArn", "ErpSigningKeyId"}

    assert TABLES | STREAMS | BUCKETS | functions | queues | others <= synthesized.outputs()


def test_the_tenant_is_chosen_at_the_deploy(synthesized: Synthesized) -> None:
    assert synthesized.templates["UsageToCashApplication"]["Parameters"]["Tenant"]["Default"] == "default"
