"""A stream of usage."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.constructs.acknowledged import acknowledge
from infra.constructs.names import pin

# Every consumer may be down for most of a week and lose nothing.
RETENTION = Duration.days(7)


class UsageStream(kinesis.Stream):
    """A Kinesis stream whose records stay for a week, in the order of their partition key.

    `construct_id` is also its logical id and the key of its output: a stream that is replaced loses what it holds.
    """

    def __init__(self, scope: Construct, construct_id: str, *, shards: int, key: kms.IKey) -> None:
        super().__init__(
            scope,
            construct_id,
            # Provisioned: on-demand costs four times as much per event at half load (see the cost model).
            stream_mode=kinesis.StreamMode.PROVISIONED,
            shard_count=shards,
            retention_period=RETENTION,
            encryption=kinesis.StreamEncryption.KMS,
            encryption_key=key,
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(
            self,
            {"AwsSolutions-KDS3": "Our own key on purpose: its use is logged and can be revoked."},
        )
        pin(self, construct_id, output=self.stream_name)
