"""Whether all usage is here: sources that go quiet."""

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.schedule import Schedule
from infra.stages.platform import Platform


class Completeness(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Completeness")
        self._platform = platform
        self._detect_quiet_producers()

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
