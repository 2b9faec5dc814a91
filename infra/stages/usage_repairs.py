"""Usage put right by operators: archived usage judged again, missing usage brought in."""

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import OBJECTS_OF_THE_ARCHIVE, acknowledge
from infra.stages.metering import ACCEPTANCE_HORIZON_DAYS, FUTURE_TOLERANCE_SECONDS, bucket_layout
from infra.stages.platform import Platform


class UsageRepairs(Construct):
    """Functions that people invoke. One run at a time: a second one would do the first one's work again."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "UsageRepairs")
        acknowledge(
            self,
            {
                f"{OBJECTS_OF_THE_ARCHIVE}*]": (
                    "The archive's keys are made of arrival day, shard and sequence numbers."
                ),
                f"{OBJECTS_OF_THE_ARCHIVE}usage/*]": (
                    "The archive's keys are made of arrival day, shard and sequence numbers."
                ),
                "AwsSolutions-IAM5[Resource::UsageToCashData:ExportsOutputFnGetAttBackfillsBucketArn5902DBC9/*]": (
                    "A part of a backfill is named by its content."
                ),
            },
        )
        data = platform.data
        # What both need: to judge as ingest does, to know what is counted, and to publish.
        self._environment = {
            "ACCEPTANCE_HORIZON_DAYS": ACCEPTANCE_HORIZON_DAYS,
            "ACCEPTED_USAGE_STREAM": data.accepted_usage.stream_name,
            "BUCKET_LAYOUT": bucket_layout(),
            "EXCEPTIONS_QUEUE_URL": platform.queues.exceptions.url,
            "FUTURE_TOLERANCE_SECONDS": FUTURE_TOLERANCE_SECONDS,
            "MASTER_DATA_TABLE": data.master_data.table_name,
            "METERING_LEDGER_TABLE": data.metering_ledger.table_name,
            "PARKED_USAGE_TABLE": data.parked_usage.table_name,
            "USAGE_ARCHIVE_BUCKET": data.usage_archive.bucket_name,
            "USAGE_CORRECTIONS_TABLE": data.usage_corrections.table_name,
            "USAGE_REPAIRS_TABLE": data.usage_repairs.table_name,
        }
        self._may = [
            permissions.read_table(data.master_data),
            permissions.on_table(data.metering_ledger, "Query"),
            permissions.on_table(data.parked_usage, "Query"),
            permissions.on_table(data.usage_corrections, "BatchWriteItem", "UpdateItem"),
            permissions.put_on_stream(data.accepted_usage),
            permissions.send_to(platform.queues.exceptions.queue),
        ]
        self._replay_usage(platform)
        self._close_backfill(platform)

    def _replay_usage(self, platform: Platform) -> None:
        data = platform.data
        platform.function(
            self,
            "replay_usage",
            environment=self._environment | {"EXCEPTIONS_TABLE": data.exceptions.table_name},
            may=[
                *self._may,
                permissions.on_objects(data.usage_archive, "GetObject"),
                permissions.list_objects(data.usage_archive),
                permissions.on_table(data.exceptions, "Query", "UpdateItem"),
                permissions.on_table(data.usage_repairs, "UpdateItem"),
            ],
            timeout=Duration.minutes(15),
            memory_mb=2048,
            reserved_concurrency=1,
        )

    def _close_backfill(self, platform: Platform) -> None:
        data = platform.data
        platform.function(
            self,
            "close_backfill",
            environment=self._environment | {"BACKFILLS_BUCKET": data.backfills.bucket_name},
            may=[
                *self._may,
                permissions.on_objects(data.backfills, "GetObject"),
                permissions.on_objects(data.usage_archive, "PutObject", under="usage/"),
                permissions.on_table(data.usage_repairs, "GetItem", "Query", "UpdateItem"),
            ],
            timeout=Duration.minutes(15),
            memory_mb=2048,
            reserved_concurrency=1,
        )
