"""Usage put right by operators: archived usage judged again."""

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge
from infra.stages.metering import ACCEPTANCE_HORIZON_DAYS, FUTURE_TOLERANCE_SECONDS, bucket_layout
from infra.stages.platform import Platform


class UsageRepairs(Construct):
    """Functions that people invoke. One run at a time: a second one would do the first one's work again."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "UsageRepairs")
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::UsageToCashData:ExportsOutputFnGetAttUsageArchiveBucketArn7063B20B/*]": (
                    "The archive's keys are made of arrival day, shard and sequence numbers."
                )
            },
        )
        self._replay_usage(platform)

    def _replay_usage(self, platform: Platform) -> None:
        data, exceptions = platform.data, platform.queues.exceptions
        platform.function(
            self,
            "replay_usage",
            environment={
                "ACCEPTANCE_HORIZON_DAYS": ACCEPTANCE_HORIZON_DAYS,
                "ACCEPTED_USAGE_STREAM": data.accepted_usage.stream_name,
                "BUCKET_LAYOUT": bucket_layout(),
                "EXCEPTIONS_QUEUE_URL": exceptions.url,
                "EXCEPTIONS_TABLE": data.exceptions.table_name,
                "FUTURE_TOLERANCE_SECONDS": FUTURE_TOLERANCE_SECONDS,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "METERING_LEDGER_TABLE": data.metering_ledger.table_name,
                "PARKED_USAGE_TABLE": data.parked_usage.table_name,
                "USAGE_ARCHIVE_BUCKET": data.usage_archive.bucket_name,
                "USAGE_CORRECTIONS_TABLE": data.usage_corrections.table_name,
                "USAGE_REPAIRS_TABLE": data.usage_repairs.table_name,
            },
            may=[
                permissions.on_objects(data.usage_archive, "GetObject"),
                permissions.list_objects(data.usage_archive),
                permissions.read_table(data.master_data),
                permissions.on_table(data.metering_ledger, "Query"),
                permissions.on_table(data.parked_usage, "Query"),
                permissions.on_table(data.exceptions, "Query", "UpdateItem"),
                permissions.on_table(data.usage_repairs, "UpdateItem"),
                permissions.put_on_stream(data.accepted_usage),
                permissions.on_table(data.usage_corrections, "BatchWriteItem", "UpdateItem"),
                permissions.send_to(exceptions.queue),
            ],
            timeout=Duration.minutes(15),
            memory_mb=2048,
            reserved_concurrency=1,
        )
