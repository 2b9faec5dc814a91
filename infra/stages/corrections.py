"""Corrections: what a usage.voided or usage.amended event says does not count is taken back from the ledger."""

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge
from infra.constructs.schedule import Schedule
from infra.stages.metering import ACCEPTANCE_HORIZON_DAYS, FUTURE_TOLERANCE_SECONDS, bucket_layout
from infra.stages.platform import Platform


class Corrections(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Corrections")
        data, exceptions = platform.data, platform.queues.exceptions
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::UsageToCashData:ExportsOutputFnGetAttUsageArchiveBucketArn7063B20B/*]": (
                    "The archive's keys are made of arrival day, shard and sequence numbers."
                )
            },
        )
        apply_usage_corrections = platform.function(
            self,
            "apply_usage_corrections",
            environment={
                "ACCEPTANCE_HORIZON_DAYS": ACCEPTANCE_HORIZON_DAYS,
                "BUCKET_LAYOUT": bucket_layout(),
                "EXCEPTIONS_QUEUE_URL": exceptions.url,
                "FUTURE_TOLERANCE_SECONDS": FUTURE_TOLERANCE_SECONDS,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "METERING_LEDGER_TABLE": data.metering_ledger.table_name,
                "USAGE_ARCHIVE_BUCKET": data.usage_archive.bucket_name,
                "USAGE_CORRECTIONS_TABLE": data.usage_corrections.table_name,
            },
            may=[
                permissions.on_objects(data.usage_archive, "GetObject"),
                permissions.list_objects(data.usage_archive),
                permissions.read_table(data.master_data),
                permissions.on_table(data.metering_ledger, "PutItem", "Query"),
                permissions.on_table(data.usage_corrections, "DeleteItem", "PutItem", "Query", "UpdateItem"),
                permissions.send_to(exceptions.queue),
            ],
            timeout=Duration.minutes(15),
            memory_mb=2048,
            reserved_concurrency=1,
        )
        Schedule.of_function(apply_usage_corrections, expression="rate(15 minutes)", key=platform.key)
