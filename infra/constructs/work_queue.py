"""A queue that work waits in. There is no other way to make one."""

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.names import pascal_case

MAX_RECEIVES = 5  # counts every receive, so that innocent batch-mates of a crashing message need some of it
VISIBILITY_IN_TIMEOUTS = 6  # AWS's advice for queues that Lambda polls: throttled batches must not come twice


class DeadLetterQueue(sqs.Queue):
    """Keeps for 14 days what could not be done. record_dead_letters opens an exception for all of it."""

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, key: kms.IKey, fifo: bool | None = None
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            fifo=fifo,
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
        )
        self.name = name


class WorkQueue(Construct):
    """A standard queue with its dead-letter queue; both encrypted, both reached over TLS only.

    `name` says what waits in it (`erp-postings`); `consumer_timeout` is that of the function that empties it. One that
    `gathers_for` some time is FIFO, delivers after that time, and only one of several messages with one deduplication
    id.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        consumer_timeout: Duration,
        key: kms.IKey,
        gathers_for: Duration | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.consumer_timeout = consumer_timeout
        fifo = None if gathers_for is None else True  # CloudFormation knows no false one
        self.dead_letters = DeadLetterQueue(self, "DeadLetters", name=name, key=key, fifo=fifo)
        self.queue = sqs.Queue(
            self,
            "Queue",
            visibility_timeout=Duration.seconds(consumer_timeout.to_seconds() * VISIBILITY_IN_TIMEOUTS),
            # Shorter than the dead letters' 14 days, which count from the first sending.
            retention_period=Duration.days(4),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=MAX_RECEIVES),
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            fifo=fifo,
            delivery_delay=gathers_for,
        )
        for output, queue in (("QueueUrl", self.queue), ("DeadLetterQueueUrl", self.dead_letters)):
            CfnOutput(self, output, value=queue.queue_url).override_logical_id(f"{pascal_case(name)}{output}")

    @property
    def url(self) -> str:
        return self.queue.queue_url
