"""Amendments of contracts, asked for by the CRM: recorded in billing, held by the ERP, confirmed, or undone."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge_tagged_secrets
from infra.constructs.names import pascal_case
from infra.constructs.packages import Extra
from infra.constructs.python_function import PythonFunction
from infra.constructs.state_machine import AslStateMachine
from infra.stages.erp_posting import ERP_CONNECTION_TAG
from infra.stages.platform import Platform

# The secret <tenant>/crm is made by hand; this tag is what lets the function read it.
CRM_CONNECTION_TAG = "crm-connection"


class Amendments(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Amendments")
        self._platform = platform
        self._environment = {"MASTER_DATA_TABLE": platform.data.master_data.table_name}
        exceptions = platform.queues.exceptions
        read_and_write = permissions.on_table(
            platform.data.master_data, "BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"
        )
        tasks = [
            self._task("record_amendment", may=[read_and_write]),
            self._write_sales_order(),
            self._confirm_amendment(),
            self._task(
                "withdraw_amendment",
                may=[read_and_write, permissions.send_to(exceptions.queue)],
                environment={"EXCEPTIONS_QUEUE_URL": exceptions.url},
            ),
        ]
        self.amend_subscription = AslStateMachine(
            self,
            "amend_subscription",
            key=platform.key,
            substitutions={f"{pascal_case(task.name)}Arn": task.function.function_arn for task in tasks}
            | {"ExceptionsQueueUrl": exceptions.url},
            may=[
                permissions.invoke(*[task.function for task in tasks]),
                permissions.send_to(exceptions.queue),
                permissions.use_key(platform.key),
            ],
        )

    def _write_sales_order(self) -> PythonFunction:
        data = self._platform.data
        write_sales_order = self._task(
            "write_sales_order",
            may=[
                permissions.read_table(data.master_data),
                permissions.read_tagged_secrets(ERP_CONNECTION_TAG),
                permissions.sign_with(data.erp_signing_key),
                permissions.stand_in_line(data.postings),
            ],
            environment={
                "ERP_SIGNING_KEY_ID": data.erp_signing_key.key_id,
                "POSTINGS_TABLE": data.postings.table_name,
            },
            carries=Extra.HTTP,
        )
        acknowledge_tagged_secrets(write_sales_order.role)
        return write_sales_order

    def _confirm_amendment(self) -> PythonFunction:
        confirm_amendment = self._task(
            "confirm_amendment",
            may=[
                permissions.on_table(self._platform.data.master_data, "GetItem", "PutItem"),
                permissions.read_tagged_secrets(CRM_CONNECTION_TAG),
            ],
            carries=Extra.HTTP,
        )
        acknowledge_tagged_secrets(confirm_amendment.role)
        return confirm_amendment

    def _task(
        self,
        name: str,
        *,
        may: Sequence[iam.PolicyStatement],
        environment: dict[str, str] | None = None,
        carries: Extra | None = None,
    ) -> PythonFunction:
        return self._platform.function(
            self,
            name,
            environment=self._environment | (environment or {}),
            may=may,
            timeout=Duration.seconds(100),
            carries=carries,
        )
