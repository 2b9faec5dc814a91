"""What feeds a function: mappings from streams and queues. Both report the items that failed, both are bounded."""

from aws_cdk import Duration
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge
from infra.constructs.python_function import PythonFunction
from infra.constructs.work_queue import WorkQueue

STREAM_BATCH = 1_000
# With Lambda's back-off this rides out hours of an outage; a record that fails for good stops its shard no longer.
STREAM_RETRIES = 100
# A day before the stream itself would drop a record without a trace, the mapping gives it up to the bucket, whole.
STREAM_MAX_AGE = Duration.days(6)


class StreamConsumer(Construct):
    """Feeds a stream to a function, oldest record first. What fails for good goes to a bucket, records and all."""

    def __init__(
        self,
        function: PythonFunction,
        stream: kinesis.IStream,
        *,
        failed_batches: s3.IBucket,
        window: Duration,
    ) -> None:
        super().__init__(function, "StreamConsumer")
        self.function = function
        function.allow(
            permissions.read_stream(stream),
            permissions.on_objects(failed_batches, "PutObject"),
            permissions.list_objects(failed_batches),
        )
        acknowledge(
            function.role,
            {
                "AwsSolutions-IAM5[Resource::UsageToCashData:ExportsOutputFnGetAttFailedBatchesBucketArn60269C13/*]": (
                    "Lambda names the objects of failed batches."
                )
            },
        )
        mapping = lambda_.CfnEventSourceMapping(
            self,
            "Mapping",
            function_name=function.function.function_name,
            event_source_arn=stream.stream_arn,
            starting_position="TRIM_HORIZON",  # LATEST would miss what arrives while the mapping is being made
            batch_size=STREAM_BATCH,
            maximum_batching_window_in_seconds=int(window.to_seconds()),
            parallelization_factor=1,  # a shard's checkpoint is also the stage's progress, so a shard has one reader
            function_response_types=["ReportBatchItemFailures"],
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=STREAM_RETRIES,
            maximum_record_age_in_seconds=int(STREAM_MAX_AGE.to_seconds()),
            destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=failed_batches.bucket_arn)
            ),
        )
        mapping.node.add_dependency(function.role)  # AWS tries the permissions when it makes the mapping


class QueueConsumer(Construct):
    """Feeds a queue to a function, at most `max_concurrency` batches at a time, without throttling it."""

    def __init__(
        self, function: PythonFunction, work: WorkQueue, *, max_concurrency: int, batch_size: int = 10
    ) -> None:
        super().__init__(function, "QueueConsumer")
        function.allow(permissions.consume(work.queue))
        mapping = lambda_.CfnEventSourceMapping(
            self,
            "Mapping",
            function_name=function.function.function_name,
            event_source_arn=work.queue.queue_arn,
            batch_size=batch_size,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=lambda_.CfnEventSourceMapping.ScalingConfigProperty(maximum_concurrency=max_concurrency),
        )
        mapping.node.add_dependency(function.role)
