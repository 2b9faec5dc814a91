"""The proof beside the ledger: raw usage made countable, and counted again before invoices are made."""

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import OBJECTS_OF_THE_ARCHIVE, acknowledge
from infra.constructs.packages import Extra
from infra.constructs.python_function import PythonFunction
from infra.constructs.schedule import Schedule
from infra.stages.metering import ACCEPTANCE_HORIZON_DAYS, FUTURE_TOLERANCE_SECONDS, SEAL_GRACE_HOURS, bucket_layout
from infra.stages.platform import Platform

MEMORY_MB = 3008


class UsageArchive(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "UsageArchive")
        self._platform = platform
        data = platform.data
        self._settings = {
            "USAGE_ARCHIVE_BUCKET": data.usage_archive.bucket_name,
            "MASTER_DATA_TABLE": data.master_data.table_name,
            "EXCEPTIONS_QUEUE_URL": platform.queues.exceptions.url,
            "ACCEPTANCE_HORIZON_DAYS": ACCEPTANCE_HORIZON_DAYS,
            "FUTURE_TOLERANCE_SECONDS": FUTURE_TOLERANCE_SECONDS,
            "RECOUNT_MEMORY_MB": str(MEMORY_MB // 2),  # the other half is Python's
        }
        self._may = [
            permissions.list_objects(data.usage_archive),
            permissions.send_to(platform.queues.exceptions.queue),
        ]
        acknowledge(
            self,
            {
                f"{OBJECTS_OF_THE_ARCHIVE}*]": (
                    "The archive's keys are made of arrival day, shard and sequence numbers."
                ),
                f"{OBJECTS_OF_THE_ARCHIVE}compacted/*]": ("Compacted files are named by arrival day and content."),
            },
        )
        self._compact_usage_archive()
        self.verify_usage_archive = self._verify_usage_archive()

    def _compact_usage_archive(self) -> None:
        data = self._platform.data
        compact_usage_archive = self._platform.function(
            self,
            "compact_usage_archive",
            environment=self._settings,
            may=[
                permissions.on_objects(data.usage_archive, "GetObject"),
                permissions.on_objects(data.usage_archive, "PutObject", under="compacted/"),
                permissions.on_table(data.master_data, "GetItem", "Query"),
                *self._may,
            ],
            timeout=Duration.minutes(15),
            memory_mb=MEMORY_MB,
            reserved_concurrency=1,
            carries=Extra.RECOUNT,
        )
        Schedule.of_function(compact_usage_archive, expression="rate(1 hour)", key=self._platform.key)

    def _verify_usage_archive(self) -> PythonFunction:
        data = self._platform.data
        return self._platform.function(
            self,
            "verify_usage_archive",
            environment=self._settings
            | {
                "METERING_LEDGER_TABLE": data.metering_ledger.table_name,
                "BUCKET_LAYOUT": bucket_layout(),
                "PARKED_USAGE_TABLE": data.parked_usage.table_name,
                "SEAL_GRACE_HOURS": SEAL_GRACE_HOURS,
            },
            may=[
                permissions.on_objects(data.usage_archive, "GetObject"),
                *self._may,
                permissions.on_table(data.metering_ledger, "Query", "UpdateItem"),
                permissions.on_table(data.parked_usage, "Query"),
                permissions.read_table(data.master_data),
            ],
            timeout=Duration.minutes(15),
            memory_mb=MEMORY_MB,
            carries=Extra.RECOUNT,
        )
