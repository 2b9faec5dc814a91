"""A state machine from its ASL file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import CfnOutput, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.acknowledged import acknowledge
from infra.constructs.names import pascal_case
from infra.constructs.python_function import LOG_RETENTION

FOLDER = Path(__file__).resolve().parents[1] / "state_machines"


class AslStateMachine(Construct):
    """The Standard state machine of infra/state_machines/<name>.asl.json.

    Every transition is logged, without the data: it holds task tokens and amounts.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        key: kms.IKey,
        substitutions: Mapping[str, str],
        may: Sequence[iam.PolicyStatement],
    ) -> None:
        super().__init__(scope, pascal_case(name))
        self.name = name
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        for statement in may:
            role.add_to_policy(statement)
        self.machine = sfn.StateMachine(
            self,
            "StateMachine",
            definition_body=sfn.DefinitionBody.from_string((FOLDER / f"{name}.asl.json").read_text(encoding="utf-8")),
            definition_substitutions=dict(substitutions),
            encryption_configuration=sfn.CustomerManagedEncryptionConfiguration(key),
            logs=sfn.LogOptions(
                destination=logs.LogGroup(
                    self, "Log", encryption_key=key, retention=LOG_RETENTION, removal_policy=RemovalPolicy.DESTROY
                ),
                include_execution_data=False,
                level=sfn.LogLevel.ALL,
            ),
            role=role,
            tracing_enabled=True,
        )
        CfnOutput(self, "Arn", value=self.arn).override_logical_id(f"{pascal_case(name)}StateMachineArn")
        acknowledge(
            role,
            {
                "AwsSolutions-IAM5[Resource::*]": "Log delivery and X-Ray are asked for no resource in particular.",
            },
        )

    @property
    def arn(self) -> str:
        return self.machine.state_machine_arn
