"""A table of records under pk and sk."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.constructs.names import pin


class RecordTable(dynamodb.Table):
    """A DynamoDB table with point-in-time recovery that no deletion of a stack takes along.

    `construct_id` is also its logical id and the key of its output, so that moving code never replaces a table.
    `expires_at` names the attribute (seconds since 1970) after which a record vanishes; records without it stay.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, expires_at: str | None = None) -> None:
        super().__init__(
            scope,
            construct_id,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute=expires_at,
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        pin(self, construct_id, output=self.table_name)
