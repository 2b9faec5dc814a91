"""Whether all usage is here: sources that go quiet, and sources that have sent more than is here."""

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge
from infra.constructs.packages import Extra
from infra.constructs.schedule import Schedule
from infra.stages.metering import ACCEPTANCE_HORIZON_DAYS, FUTURE_TOLERANCE_SECONDS
from infra.stages.platform import Platform
from infra.stages.usage_archive import MEMORY_MB


class Completeness(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Completeness")
        self._platform = platform
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::UsageToCashData:ExportsOutputFnGetAttUsageArchiveBucketArn7063B20B/*]": (
                    "The archive's keys are made of arrival day, shard and sequence numbers."
                )
            },
        )
        self._detect_quiet_producers()
        self._verify_producer_counts()

    def _detect_quiet_producers(self) -> None:
        data, exceptions = self._platform.data, self._platform.queues.exceptions
        detect_quiet_producers = self._platform.function(
            self,
            "detect_quiet_producers",
            environment={
                "METERING_LEDGER_TABLE": data.metering_ledger.table_name,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "USAGE_EVENTS_STREAM": data.usage_events.stream_name,
                "EXCEPTIONS_QUEUE_URL": exceptions.url,
            },
            may=[
                permissions.on_table(data.metering_ledger, "BatchGetItem", "Query", "UpdateItem"),
                permissions.read_table(data.master_data),
                permissions.read_stream(data.usage_events),
                permissions.send_to(exceptions.queue),
            ],
            timeout=Duration.minutes(5),
            reserved_concurrency=1,
        )
        Schedule.of_function(detect_quiet_producers, expression="rate(10 minutes)", key=self._platform.key)

    def _verify_producer_counts(self) -> None:
        data, exceptions = self._platform.data, self._platform.queues.exceptions
        verify_producer_counts = self._platform.function(
            self,
            "verify_producer_counts",
            environment={
                "METERING_LEDGER_TABLE": data.metering_ledger.table_name,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "EXCEPTIONS_TABLE": data.exceptions.table_name,
                "EXCEPTIONS_QUEUE_URL": exceptions.url,
                "USAGE_ARCHIVE_BUCKET": data.usage_archive.bucket_name,
                "ACCEPTANCE_HORIZON_DAYS": ACCEPTANCE_HORIZON_DAYS,
                "FUTURE_TOLERANCE_SECONDS": FUTURE_TOLERANCE_SECONDS,
                "RECOUNT_MEMORY_MB": str(MEMORY_MB // 2),  # the other half is Python's
            },
            may=[
                permissions.on_table(data.metering_ledger, "GetItem", "UpdateItem"),
                permissions.read_table(data.master_data),
                permissions.on_table(data.exceptions, "Query"),
                permissions.on_objects(data.usage_archive, "GetObject"),
                permissions.list_objects(data.usage_archive),
                permissions.send_to(exceptions.queue),
            ],
            timeout=Duration.minutes(15),
            memory_mb=MEMORY_MB,
            reserved_concurrency=1,
            carries=Extra.RECOUNT,
        )
        # Before the daily bill run, and when the day before is compacted.
        Schedule.of_function(verify_producer_counts, expression="cron(0 4 * * ? *)", key=self._platform.key)
