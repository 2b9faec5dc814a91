"""What looks after bill runs and approvals between the runs."""

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.schedule import Schedule
from infra.stages.platform import Platform


class BillingControls(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "BillingControls")
        self._platform = platform
        data = platform.data
        # The adapter of invoices names both tables, since issuing writes to both in one transaction.
        self._invoices = {"INVOICES_TABLE": data.invoices.table_name, "POSTINGS_TABLE": data.postings.table_name}
        self._escalate_approvals()

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
