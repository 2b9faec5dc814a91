"""Usage events in, exact sealed windows in the metering ledger out."""

import json

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import OBJECTS_OF_THE_ARCHIVE, acknowledge
from infra.constructs.consumers import StreamConsumer
from infra.constructs.schedule import Schedule
from infra.stages.platform import Platform

# Dated by event time. To change it, add an entry that is valid from a future instant; never edit one that was in force.
BUCKET_LAYOUT = [{"version": 1, "valid_from": "1970-01-01T00:00:00.000000Z", "groups": 4, "slice_minutes": 1440}]
ACCEPTANCE_HORIZON_DAYS = "35"
FUTURE_TOLERANCE_SECONDS = "300"
SEAL_GRACE_HOURS = "24"
# The version of master data is asked for anew after this long; when it cannot be read, it serves up to the maximum.
MASTER_DATA_AGE = {"MASTER_DATA_UNASKED_SECONDS": "10", "MASTER_DATA_MAX_AGE_SECONDS": "900"}


def bucket_layout() -> str:
    """Return the layout as the functions read it."""
    return json.dumps(BUCKET_LAYOUT)


class Metering(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Metering")
        self._platform = platform
        data = platform.data
        self._ledger = {"METERING_LEDGER_TABLE": data.metering_ledger.table_name}
        self._layout = {"BUCKET_LAYOUT": bucket_layout()}
        self._exceptions = {"EXCEPTIONS_QUEUE_URL": platform.queues.exceptions.url}
        self._report = permissions.send_to(platform.queues.exceptions.queue)
        self._record_progress = permissions.on_table(data.metering_ledger, "UpdateItem")
        acknowledge(
            self,
            {
                f"{OBJECTS_OF_THE_ARCHIVE}usage/*]": (
                    "The archive's keys are made of arrival hour, shard and sequence numbers."
                )
            },
        )
        self._ingest_usage()
        self._archive_usage()
        self._enrich_usage()
        self._aggregate_usage()
        self._close_usage_windows()
        self._detect_late_usage()

    def _ingest_usage(self) -> None:
        data = self._platform.data
        ingest_usage = self._platform.function(
            self,
            "ingest_usage",
            environment=self._ledger
            | self._layout
            | self._exceptions
            | {
                "ACCEPTED_USAGE_STREAM": data.accepted_usage.stream_name,
                "ACCEPTANCE_HORIZON_DAYS": ACCEPTANCE_HORIZON_DAYS,
                "FUTURE_TOLERANCE_SECONDS": FUTURE_TOLERANCE_SECONDS,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "USAGE_CORRECTIONS_TABLE": data.usage_corrections.table_name,
            },
            may=[
                permissions.put_on_stream(data.accepted_usage),
                permissions.on_table(data.master_data, "GetItem", "Query"),
                permissions.on_table(data.usage_corrections, "BatchWriteItem", "UpdateItem"),
                self._report,
                self._record_progress,
            ],
            memory_mb=1024,
        )
        StreamConsumer(ingest_usage, data.usage_events, failed_batches=data.failed_batches, window=Duration.seconds(2))

    def _archive_usage(self) -> None:
        data = self._platform.data
        archive_usage = self._platform.function(
            self,
            "archive_usage",
            environment=self._ledger | {"USAGE_ARCHIVE_BUCKET": data.usage_archive.bucket_name},
            may=[permissions.on_objects(data.usage_archive, "PutObject", under="usage/"), self._record_progress],
        )
        StreamConsumer(
            archive_usage, data.usage_events, failed_batches=data.failed_batches, window=Duration.seconds(60)
        )

    def _enrich_usage(self) -> None:
        data = self._platform.data
        enrich_usage = self._platform.function(
            self,
            "enrich_usage",
            environment=self._ledger
            | self._exceptions
            | MASTER_DATA_AGE
            | {
                "BILLABLE_USAGE_STREAM": data.billable_usage.stream_name,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "PARKED_USAGE_TABLE": data.parked_usage.table_name,
                "PARKED_USAGE_RELEASES_QUEUE_URL": self._platform.queues.parked_usage_releases.url,
            },
            may=[
                permissions.put_on_stream(data.billable_usage),
                permissions.send_to(self._platform.queues.parked_usage_releases.queue),
                permissions.read_table(data.master_data),
                permissions.on_table(data.parked_usage, "BatchWriteItem", "UpdateItem"),
                self._report,
                self._record_progress,
            ],
            memory_mb=1024,
        )
        StreamConsumer(
            enrich_usage, data.accepted_usage, failed_batches=data.failed_batches, window=Duration.seconds(2)
        )

    def _aggregate_usage(self) -> None:
        data = self._platform.data
        aggregate_usage = self._platform.function(
            self,
            "aggregate_usage",
            environment=self._ledger | self._layout | self._exceptions,
            may=[
                permissions.on_table(data.metering_ledger, "PutItem", "Query", "UpdateItem"),
                self._report,
            ],
            memory_mb=1024,
        )
        # A wide window: fewer, fuller puts in the ledger, which cost by the put.
        StreamConsumer(
            aggregate_usage, data.billable_usage, failed_batches=data.failed_batches, window=Duration.seconds(10)
        )

    def _close_usage_windows(self) -> None:
        data = self._platform.data
        streams = (data.usage_events, data.accepted_usage, data.billable_usage)
        close_usage_windows = self._platform.function(
            self,
            "close_usage_windows",
            environment=self._ledger
            | self._layout
            | self._exceptions
            | {
                "SEAL_GRACE_HOURS": SEAL_GRACE_HOURS,
                "USAGE_EVENTS_STREAM": data.usage_events.stream_name,
                "ACCEPTED_USAGE_STREAM": data.accepted_usage.stream_name,
                "BILLABLE_USAGE_STREAM": data.billable_usage.stream_name,
            },
            may=[
                permissions.on_table(
                    data.metering_ledger, "BatchWriteItem", "GetItem", "PutItem", "Query", "UpdateItem"
                ),
                *[permissions.read_stream(stream) for stream in streams],
                self._report,
            ],
            timeout=Duration.minutes(15),
            memory_mb=1024,
            reserved_concurrency=1,
        )
        Schedule.of_function(close_usage_windows, expression="rate(1 hour)", key=self._platform.key)

    def _detect_late_usage(self) -> None:
        data = self._platform.data
        detect_late_usage = self._platform.function(
            self,
            "detect_late_usage",
            environment=self._ledger
            | self._layout
            | self._exceptions
            | {
                "INVOICES_TABLE": data.invoices.table_name,
                "POSTINGS_TABLE": data.postings.table_name,  # the adapter of invoices names both
                "MASTER_DATA_TABLE": data.master_data.table_name,
            },
            may=[
                permissions.on_table(data.metering_ledger, "Query"),
                permissions.on_table(data.invoices, "BatchGetItem"),
                permissions.read_table(data.master_data),
                self._report,
            ],
            timeout=Duration.minutes(15),
            reserved_concurrency=1,
        )
        Schedule.of_function(detect_late_usage, expression="rate(1 day)", key=self._platform.key)
