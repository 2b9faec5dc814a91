"""What looks after bill runs and approvals between the runs."""

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge
from infra.constructs.schedule import Schedule
from infra.constructs.state_machine import AslStateMachine
from infra.stages.platform import Platform


class BillingControls(Construct):
    def __init__(self, scope: Construct, platform: Platform, *, lifecycle: AslStateMachine) -> None:
        super().__init__(scope, "BillingControls")
        self._platform = platform
        self._lifecycle = lifecycle
        data = platform.data
        # The adapter of invoices names both tables, since issuing writes to both in one transaction.
        self._invoices = {"INVOICES_TABLE": data.invoices.table_name, "POSTINGS_TABLE": data.postings.table_name}
        self._escalate_approvals()
        self._record_bill_runs()

    def _escalate_approvals(self) -> None:
        exceptions = self._platform.queues.exceptions
        escalate_approvals = self._platform.function(
            self,
            "escalate_approvals",
            environment=self._invoices | {"EXCEPTIONS_QUEUE_URL": exceptions.url},
            may=[
                permissions.on_table(self._platform.data.invoices, "DeleteItem", "GetItem", "PutItem", "Query"),
                permissions.send_to(exceptions.queue),
            ],
            timeout=Duration.minutes(5),
            reserved_concurrency=1,
        )
        Schedule.of_function(escalate_approvals, expression="rate(1 hour)", key=self._platform.key)

    def _record_bill_runs(self) -> None:
        data, decisions = self._platform.data, self._platform.queues.approval_decisions
        record_bill_runs = self._platform.function(
            self,
            "record_bill_runs",
            environment=self._invoices
            | {
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "INVOICE_LIFECYCLE_ARN": self._lifecycle.arn,
                "APPROVAL_DECISIONS_QUEUE_URL": decisions.url,
            },
            may=[
                permissions.on_table(data.invoices, "BatchGetItem", "GetItem", "PutItem", "Query"),
                permissions.read_table(data.master_data),
                permissions.describe_executions(self._lifecycle.machine),
                permissions.send_to(decisions.queue),
            ],
            timeout=Duration.minutes(15),
        )
        acknowledge(
            record_bill_runs.role,
            {
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:"
                "<InvoicingInvoiceLifecycleStateMachine0C2D2D36.Name>:*]": "Executions are named by their invoices."
            },
        )
        # An hour before the next bill run, which takes up what this one left: where it ended is kept first.
        Schedule.of_function(record_bill_runs, expression="cron(0 5 * * ? *)", key=self._platform.key)
