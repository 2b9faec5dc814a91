"""Everything that holds state: streams, tables, buckets, and the key that signs ERP assertions."""

from aws_cdk import CfnOutput, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.encryption_key import EncryptionKey
from infra.constructs.record_bucket import RecordBucket
from infra.constructs.record_table import RecordTable
from infra.constructs.usage_stream import UsageStream

BACKFILLS_KEPT_DAYS = 90  # of what was loaded; the archive keeps what was closed
OPEN_BY_DUE = "open-by-due"  # sparse: only intents that still need someone, by the instant they are due

BY_EXTERNAL_REF = "by-external-ref"  # the postings by the key that their documents carry in the ERP


class Data:
    """The stateful resources, by name. Their logical ids are pinned: see `pin`."""

    def __init__(self, stack: Construct, *, shards: int, archive_lock_days: int) -> None:
        self.key: kms.IKey = EncryptionKey(stack, "DataKey")
        self._streams(stack, shards)
        self._tables(stack)
        self._buckets(stack, archive_lock_days)
        self.erp_signing_key = _erp_signing_key(stack)

    def _streams(self, stack: Construct, shards: int) -> None:
        self.usage_events = UsageStream(stack, "UsageEventsStream", shards=shards, key=self.key)
        self.accepted_usage = UsageStream(stack, "AcceptedUsageStream", shards=shards, key=self.key)
        self.billable_usage = UsageStream(stack, "BillableUsageStream", shards=shards, key=self.key)

    def _tables(self, stack: Construct) -> None:
        self.metering_ledger = RecordTable(stack, "MeteringLedgerTable", key=self.key, expires_at="expires_at")
        self.parked_usage = RecordTable(stack, "ParkedUsageTable", key=self.key)
        self.master_data = RecordTable(stack, "MasterDataTable", key=self.key)
        self.invoices = RecordTable(stack, "InvoicesTable", key=self.key)
        self.postings = RecordTable(stack, "PostingsTable", key=self.key)
        self.postings.add_global_secondary_index(
            index_name=OPEN_BY_DUE,
            partition_key=dynamodb.Attribute(name="open", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="due", type=dynamodb.AttributeType.STRING),
            projection_type=dynamodb.ProjectionType.ALL,
        )
        self.postings.add_global_secondary_index(
            index_name=BY_EXTERNAL_REF,
            partition_key=dynamodb.Attribute(name="carries", type=dynamodb.AttributeType.STRING),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        self.exceptions = RecordTable(stack, "ExceptionsTable", key=self.key)
        self.usage_corrections = RecordTable(stack, "UsageCorrectionsTable", key=self.key)
        self.usage_repairs = RecordTable(stack, "UsageRepairsTable", key=self.key)

    def _buckets(self, stack: Construct, archive_lock_days: int) -> None:
        self.usage_archive = RecordBucket(stack, "UsageArchiveBucket", key=self.key, lock_days=archive_lock_days)
        self.catalog = RecordBucket(stack, "CatalogBucket", key=self.key)
        self.failed_batches = RecordBucket(stack, "FailedBatchesBucket", key=self.key)
        self.backfills = RecordBucket(stack, "BackfillsBucket", key=self.key, expire_days=BACKFILLS_KEPT_DAYS)
        self.invoice_documents = RecordBucket(stack, "InvoiceDocumentsBucket", key=self.key)
        self.erp_files = RecordBucket(stack, "ErpFilesBucket", key=self.key)
        _announce_objects(self.failed_batches)


def _announce_objects(bucket: s3.Bucket) -> None:
    """Have S3 tell EventBridge of each new object.

    Set on the resource: the construct's own flag would bring a Lambda function of CDK's to do the same.
    """
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )


def _erp_signing_key(stack: Construct) -> kms.Key:
    """Make the key of ES256 client assertions; its public half is registered with the ERP, so it is never replaced."""
    key = kms.Key(
        stack,
        "ErpSigningKey",
        description="Signs client assertions to ERPs (ES256); register its public key there",
        key_spec=kms.KeySpec.ECC_NIST_P256,
        key_usage=kms.KeyUsage.SIGN_VERIFY,
        removal_policy=RemovalPolicy.RETAIN,
    )
    CfnOutput(key, "Id", value=key.key_id).override_logical_id("ErpSigningKeyId")
    return key
