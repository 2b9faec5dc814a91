"""The one customer-managed key of a stack."""

from aws_cdk import Aws, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct


class EncryptionKey(kms.Key):
    """A key for everything a stack stores, rotated every year, kept when the stack is deleted.

    Roles reach it through their own policies. `services` are those that write without a role: they are let in here,
    for this account only.
    """

    def __init__(self, scope: Construct, construct_id: str, *, services: tuple[str, ...] = ()) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Encrypts what the {Stack.of(scope).node.id} stack of usage-to-cash stores",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        for service in services:
            self.add_to_resource_policy(
                iam.PolicyStatement(
                    principals=[iam.ServicePrincipal(service)],
                    actions=["kms:Decrypt", "kms:GenerateDataKey"],
                    resources=["*"],
                    conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
                )
            )

    def let_logs_in(self) -> None:
        """Let CloudWatch Logs encrypt this account's log groups."""
        log_groups = f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:log-group:*"
        self.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"logs.{Aws.REGION}.amazonaws.com")],
                # As AWS documents it; the service tries every one when a log group is made.
                actions=["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
            )
        )
