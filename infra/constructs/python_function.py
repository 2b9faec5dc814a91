"""A Lambda function of this repository."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import CfnOutput, CfnResource, Duration, IgnoreMode, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge
from infra.constructs.names import pascal_case
from infra.constructs.work_queue import DeadLetterQueue

ROOT = Path(__file__).resolve().parents[2]
LOG_RETENTION = logs.RetentionDays.THREE_MONTHS


class PythonFunction(Construct):
    """The function in functions/<name>/: its own code and shared/, its own role, its own encrypted log group.

    `may` is all that its role may do, beside its own log and trace and the stack's key. `packages` bring what is not
    ours. `disk_mb` is what it may write to /tmp.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        key: kms.IKey,
        packages: Sequence[lambda_.ILayerVersion],
        environment: Mapping[str, str],
        may: Sequence[iam.PolicyStatement],
        timeout: Duration,
        memory_mb: int = 512,
        disk_mb: int = 512,
        reserved_concurrency: int | None = None,
    ) -> None:
        super().__init__(scope, pascal_case(name))
        self.name = name
        self.timeout = timeout
        self.log_group = logs.LogGroup(
            self, "Log", encryption_key=key, retention=LOG_RETENTION, removal_policy=RemovalPolicy.DESTROY
        )
        self.role = self._role(key)
        self.function = lambda_.Function(
            self,
            "Function",
            code=_code_of(name),
            handler=f"functions.{name}.handler.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            layers=list(packages),
            role=self.role,
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
            timeout=timeout,
            memory_size=memory_mb,
            ephemeral_storage_size=Size.mebibytes(disk_mb),
            reserved_concurrent_executions=reserved_concurrency,
            environment={
                **environment,
                "POWERTOOLS_SERVICE_NAME": name,
                "POWERTOOLS_METRICS_NAMESPACE": "usage-to-cash",
            },
        )
        # Set on the resource: the construct's own grant would allow more on the key than a function needs.
        _resource(self.function).add_property_override("KmsKeyArn", key.key_arn)
        self.allow(*may)
        acknowledge(
            self.function,
            {"AwsSolutions-L1": "The locked packages are chosen for Python 3.13; a newer one is a change to test."},
        )
        CfnOutput(self, "Name", value=self.function.function_name).override_logical_id(
            f"{pascal_case(name)}FunctionName"
        )

    def allow(self, *statements: iam.PolicyStatement) -> None:
        for statement in statements:
            self.role.add_to_policy(statement)

    def retry_events(self, dead_letters: DeadLetterQueue, *, retries: int, max_age: Duration) -> None:
        """Bound Lambda's retries of asynchronous events, and keep the event that failed for good."""
        self.function.configure_async_invoke(retry_attempts=retries, max_event_age=max_age)
        _resource(self.function).add_property_override("DeadLetterConfig.TargetArn", dead_letters.queue_arn)
        self.allow(permissions.send_to(dead_letters))

    def _role(self, key: kms.IKey) -> iam.Role:
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        role.add_to_policy(permissions.write_log(self.log_group))
        role.add_to_policy(permissions.use_key(key))
        acknowledge(
            role,
            {
                "AwsSolutions-IAM5[Resource::*]": "X-Ray takes trace segments for no resource in particular.",
            },
        )
        return role


def _resource(function: lambda_.Function) -> CfnResource:
    resource = function.node.default_child
    assert isinstance(resource, CfnResource)
    return resource


def _code_of(name: str) -> lambda_.Code:
    return lambda_.Code.from_asset(
        str(ROOT),
        exclude=[
            "**",
            "!functions",
            "!functions/__init__.py",
            f"!functions/{name}",
            f"!functions/{name}/**",
            "!shared",
            "!shared/**",
            "**/__pycache__",
        ],
        ignore_mode=IgnoreMode.GIT,
    )
