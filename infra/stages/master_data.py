"""Catalogues in; usage that waited for them released."""

from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge
from infra.constructs.consumers import QueueConsumer
from infra.constructs.packages import Extra
from infra.constructs.schedule import Schedule
from infra.stages.platform import Platform


class MasterData(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "MasterData")
        self._sync_master_data(platform)
        self._release_parked_usage(platform)

    def _sync_master_data(self, platform: Platform) -> None:
        data, queues = platform.data, platform.queues
        sync_master_data = platform.function(
            self,
            "sync_master_data",
            environment={
                "CATALOG_BUCKET": data.catalog.bucket_name,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "PARKED_USAGE_RELEASES_QUEUE_URL": queues.parked_usage_releases.url,
            },
            may=[
                permissions.on_objects(data.catalog, "GetObject"),
                permissions.on_table(
                    data.master_data, "BatchGetItem", "BatchWriteItem", "GetItem", "Query", "UpdateItem"
                ),
                permissions.send_to(queues.parked_usage_releases.queue),
            ],
            timeout=queues.master_data_changes.consumer_timeout,
            carries=Extra.TAX_IDS,
        )
        acknowledge(
            sync_master_data.role,
            {
                "AwsSolutions-IAM5[Resource::UsageToCashData:ExportsOutputFnGetAttCatalogBucketArnE3228B60/*]": (
                    "A catalogue's key is its version."
                )
            },
        )
        # One change at a time is enough, and two hardly more: the pointer to the version in force is flipped last.
        QueueConsumer(sync_master_data, queues.master_data_changes, max_concurrency=2, batch_size=1)

    def _release_parked_usage(self, platform: Platform) -> None:
        data, queues = platform.data, platform.queues
        release_parked_usage = platform.function(
            self,
            "release_parked_usage",
            environment={
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "PARKED_USAGE_TABLE": data.parked_usage.table_name,
                "ACCEPTED_USAGE_STREAM": data.accepted_usage.stream_name,
                "PARKED_USAGE_RELEASES_QUEUE_URL": queues.parked_usage_releases.url,
                "EXCEPTIONS_QUEUE_URL": queues.exceptions.url,
            },
            may=[
                permissions.read_table(data.master_data),
                permissions.on_table(data.parked_usage, "BatchWriteItem", "Query", "UpdateItem"),
                permissions.put_on_stream(data.accepted_usage),
                permissions.send_to(queues.exceptions.queue),
                permissions.send_to(queues.parked_usage_releases.queue),  # what one run cannot finish
            ],
            timeout=queues.parked_usage_releases.consumer_timeout,
        )
        QueueConsumer(release_parked_usage, queues.parked_usage_releases, max_concurrency=2, batch_size=1)
        # Whoever should have asked may have died before it did, and its request may have been given up.
        Schedule.of_queue(
            queues.parked_usage_releases,
            expression="rate(1 hour)",
            message={"tenant": platform.tenant},
            key=platform.key,
        )
