"""Every failure becomes an exception record: reported ones, dead letters, failed batches, failed executions."""

import json
from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_events as events
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge
from infra.constructs.consumers import QueueConsumer
from infra.constructs.exception_report import ExceptionReport, ReportedException
from infra.constructs.python_function import PythonFunction
from infra.constructs.schedule import Schedule
from infra.constructs.state_machine import AslStateMachine
from infra.constructs.work_queue import DeadLetterQueue
from infra.stages.platform import Platform


class Controls(Construct):
    def __init__(self, scope: Construct, platform: Platform, *, state_machines: Sequence[AslStateMachine]) -> None:
        super().__init__(scope, "Controls")
        self._platform = platform
        self._open_exception()
        undelivered = DeadLetterQueue(self, "UndeliveredEvents", name="undelivered-events", key=platform.key)
        acknowledge(
            undelivered,
            {"AwsSolutions-SQS3": "It is a dead-letter queue, of EventBridge rather than of another queue."},
        )
        self._report_failed_executions(state_machines, undelivered)
        self._report_failed_batches(undelivered)
        self._record_dead_letters()

    def _open_exception(self) -> None:
        data, work = self._platform.data, self._platform.queues.exceptions
        open_exception = self._platform.function(
            self,
            "open_exception",
            environment={"EXCEPTIONS_TABLE": data.exceptions.table_name},
            may=[permissions.on_table(data.exceptions, "UpdateItem")],
            timeout=work.consumer_timeout,
        )
        QueueConsumer(open_exception, work, max_concurrency=5)

    def _report_failed_executions(
        self, state_machines: Sequence[AslStateMachine], undelivered: DeadLetterQueue
    ) -> None:
        """Report what an execution could not report by itself; its own report has the same id, so it opens once."""
        ExceptionReport(
            self,
            "FailedExecutions",
            pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "status": ["FAILED", "TIMED_OUT", "ABORTED"],
                    "stateMachineArn": [machine.arn for machine in state_machines],
                },
            ),
            report=ReportedException(
                code="FAILED_EXECUTION",
                tenant=self._platform.tenant,
                subject="<name>",
                message="an execution ended as <status>",
                detail={"execution": "<execution>"},
                paths={"name": "$.detail.name", "status": "$.detail.status", "execution": "$.detail.executionArn"},
            ),
            exceptions=self._platform.queues.exceptions.queue,
            undelivered=undelivered,
        )

    def _report_failed_batches(self, undelivered: DeadLetterQueue) -> None:
        """Report each batch of stream records that was given up; the object holds the records."""
        bucket = self._platform.data.failed_batches
        ExceptionReport(
            self,
            "FailedBatches",
            pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={"bucket": {"name": [bucket.bucket_name]}},
            ),
            report=ReportedException(
                code="FAILED_BATCH",
                tenant=self._platform.tenant,
                subject="<key>",
                message="a batch of stream records was given up; the object holds them",
                detail={"bucket": bucket.bucket_name, "key": "<key>"},
                paths={"key": "$.detail.object.key"},
            ),
            exceptions=self._platform.queues.exceptions.queue,
            undelivered=undelivered,
        )

    def _record_dead_letters(self) -> None:
        queues = self._platform.queues
        record_dead_letters = self._platform.function(
            self,
            "record_dead_letters",
            environment={"EXCEPTIONS_QUEUE_URL": queues.exceptions.url},
            may=[permissions.send_to(queues.exceptions.queue)],
            reserved_concurrency=1,
        )
        Schedule.of_function(record_dead_letters, expression="rate(15 minutes)", key=self._platform.key)
        self._watch_every_dead_letter_queue(record_dead_letters)

    def _watch_every_dead_letter_queue(self, function: PythonFunction) -> None:
        stack = Stack.of(self)
        found = [node for node in stack.node.find_all() if isinstance(node, DeadLetterQueue)]
        function.allow(permissions.look_into(found))
        function.function.add_environment(
            "DEAD_LETTER_QUEUE_URLS", json.dumps({queue.name: queue.queue_url for queue in found})
        )
