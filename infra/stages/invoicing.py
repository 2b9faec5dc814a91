"""A daily bill run starts one invoice_lifecycle execution for each invoice that is due."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge, acknowledge_tagged_secrets
from infra.constructs.consumers import QueueConsumer
from infra.constructs.names import pascal_case
from infra.constructs.packages import Extra
from infra.constructs.python_function import PythonFunction
from infra.constructs.schedule import Schedule
from infra.constructs.state_machine import AslStateMachine
from infra.stages.metering import bucket_layout
from infra.stages.platform import TAX_CONNECTION_TAG, Platform

# A week of daily bill runs: whatever heals by itself has done so by then.
PARK_ACCOUNT_AFTER_BILL_RUNS = "7"


class Invoicing(Construct):
    def __init__(self, scope: Construct, platform: Platform, *, verify_usage_archive: PythonFunction) -> None:
        super().__init__(scope, "Invoicing")
        self._platform = platform
        data, queues = platform.data, platform.queues
        # The adapter of invoices names both tables, since issuing writes to both in one transaction.
        self._invoices = {"INVOICES_TABLE": data.invoices.table_name, "POSTINGS_TABLE": data.postings.table_name}
        self._master_data = {"MASTER_DATA_TABLE": data.master_data.table_name}
        self._usage = {"METERING_LEDGER_TABLE": data.metering_ledger.table_name, "BUCKET_LAYOUT": bucket_layout()}
        self._exceptions = {"EXCEPTIONS_QUEUE_URL": queues.exceptions.url}
        self._write_invoices = permissions.on_table(data.invoices, "GetItem", "PutItem")
        self._read_master_data = permissions.read_table(data.master_data)
        self._read_usage = permissions.on_table(data.metering_ledger, "GetItem", "Query")
        self._report = permissions.send_to(queues.exceptions.queue)
        self.lifecycle = self._invoice_lifecycle()
        self._record_approval()
        self.bill_run = self._bill_run(verify_usage_archive)

    def _task(
        self,
        name: str,
        *,
        environment: Mapping[str, str],
        may: Sequence[iam.PolicyStatement],
        timeout: Duration = Duration.seconds(60),  # noqa: B008 - immutable
        carries: Extra | None = None,
    ) -> PythonFunction:
        return self._platform.function(self, name, environment=environment, may=may, timeout=timeout, carries=carries)

    def _invoice_lifecycle(self) -> AslStateMachine:
        queues = self._platform.queues
        request_approval = self._request_approval()
        tasks = [
            self._build_invoice(),
            self._calculate_tax(),
            self._validate_invoice(),
            request_approval,
            self._issue_invoice(),
            self._complete_invoice(),
        ]
        lifecycle = AslStateMachine(
            self,
            "invoice_lifecycle",
            key=self._platform.key,
            substitutions=_arns(tasks)
            | {
                "ErpPostingsQueueUrl": queues.erp_postings.url,
                "ExceptionsQueueUrl": queues.exceptions.url,
                "InvoiceDocumentsQueueUrl": queues.invoice_documents.url,
            },
            may=[
                permissions.invoke(*[task.function for task in tasks]),
                permissions.send_to(queues.erp_postings.queue),
                permissions.send_to(queues.invoice_documents.queue),
                self._report,
                permissions.use_key(self._platform.key),
            ],
        )
        # A policy of its own: as part of the role it would make function and state machine wait for each other.
        iam.Policy(
            self,
            "AnswerOwnTask",
            roles=[request_approval.role],
            statements=[permissions.answer_tasks(lifecycle.arn)],
        )
        return lifecycle

    def _build_invoice(self) -> PythonFunction:
        return self._task(
            "build_invoice",
            environment=self._invoices | self._master_data | self._usage | self._exceptions,
            may=[
                permissions.on_table(self._platform.data.invoices, "BatchGetItem", "GetItem", "PutItem", "Query"),
                self._read_master_data,
                self._read_usage,
                self._report,
            ],
            timeout=Duration.minutes(4),
        )

    def _calculate_tax(self) -> PythonFunction:
        calculate_tax = self._task(
            "calculate_tax",
            environment=self._invoices | self._master_data,
            may=[
                self._write_invoices,
                self._read_master_data,
                permissions.read_tagged_secrets(TAX_CONNECTION_TAG),
            ],
            timeout=Duration.seconds(100),  # a tax engine may be asked for each tax point of a long invoice
            carries=Extra.HTTP,
        )
        acknowledge_tagged_secrets(calculate_tax.role)
        return calculate_tax

    def _validate_invoice(self) -> PythonFunction:
        ledger = self._platform.data.metering_ledger
        return self._task(
            "validate_invoice",
            environment=self._invoices
            | self._master_data
            | self._exceptions
            | {"METERING_LEDGER_TABLE": ledger.table_name},
            may=[
                permissions.on_table(self._platform.data.invoices, "BatchGetItem", "GetItem", "PutItem"),
                self._read_master_data,
                permissions.on_table(ledger, "GetItem"),
                permissions.on_keys(self._platform.data.postings, "*#mapping-findings#*", "Query"),
                self._report,
            ],
        )

    def _request_approval(self) -> PythonFunction:
        return self._task(
            "request_approval",
            environment=self._invoices | self._master_data | self._exceptions,
            may=[self._write_invoices, self._read_master_data, self._report],
        )

    def _issue_invoice(self) -> PythonFunction:
        return self._task(
            "issue_invoice",
            environment=self._invoices
            | self._master_data
            | self._exceptions
            | {"TAX_RECORDS_QUEUE_URL": self._platform.queues.tax_records.url},
            may=[
                self._write_invoices,
                permissions.on_table(self._platform.data.postings, "PutItem", "UpdateItem"),
                permissions.send_to(self._platform.queues.tax_records.queue),
                self._read_master_data,
                self._report,
            ],
        )

    def _complete_invoice(self) -> PythonFunction:
        read_postings = permissions.on_table(self._platform.data.postings, "GetItem")
        return self._task("complete_invoice", environment=self._invoices, may=[self._write_invoices, read_postings])

    def _record_approval(self) -> None:
        work = self._platform.queues.approval_decisions
        record_approval = self._task(
            "record_approval",
            environment=self._invoices | self._master_data | self._exceptions,
            may=[
                self._write_invoices,
                self._read_master_data,
                permissions.answer_tasks(self.lifecycle.arn),
                self._report,
            ],
            timeout=work.consumer_timeout,
        )
        QueueConsumer(record_approval, work, max_concurrency=2)

    def _bill_run(self, verify_usage_archive: PythonFunction) -> AslStateMachine:
        tasks = [
            verify_usage_archive,
            self._select_billing_accounts(),
            self._start_invoices(),
            self._task("summarize_bill_run", environment=self._exceptions, may=[self._report]),
        ]
        bill_run = AslStateMachine(
            self,
            "bill_run",
            key=self._platform.key,
            substitutions=_arns(tasks),
            may=[permissions.invoke(*[task.function for task in tasks]), permissions.use_key(self._platform.key)],
        )
        Schedule.of_state_machine(bill_run, expression="cron(0 6 * * ? *)", key=self._platform.key)
        return bill_run

    def _select_billing_accounts(self) -> PythonFunction:
        return self._task(
            "select_billing_accounts",
            environment=self._invoices | self._master_data | self._usage,
            may=[
                permissions.on_table(
                    self._platform.data.invoices, "BatchGetItem", "BatchWriteItem", "GetItem", "PutItem", "Query"
                ),
                self._read_master_data,
                permissions.on_table(self._platform.data.metering_ledger, "GetItem"),
                permissions.on_table(self._platform.data.postings, "GetItem"),
            ],
            timeout=Duration.minutes(10),
        )

    def _start_invoices(self) -> PythonFunction:
        start_invoices = self._task(
            "start_invoices",
            environment={
                "INVOICES_TABLE": self._platform.data.invoices.table_name,
                "INVOICE_LIFECYCLE_ARN": self.lifecycle.arn,
                "PARK_ACCOUNT_AFTER_BILL_RUNS": PARK_ACCOUNT_AFTER_BILL_RUNS,
            }
            | self._exceptions,
            may=[
                permissions.on_table(self._platform.data.invoices, "GetItem", "PutItem"),
                permissions.start_executions(self.lifecycle.arn),
                permissions.describe_executions(self.lifecycle.machine),
                self._report,
            ],
            timeout=Duration.minutes(4),
        )
        acknowledge(
            start_invoices.role,
            {
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:"
                "<InvoicingInvoiceLifecycleStateMachine0C2D2D36.Name>:*]": "Executions are named by their invoices."
            },
        )
        return start_invoices


def _arns(tasks: Sequence[PythonFunction]) -> dict[str, str]:
    return {f"{pascal_case(task.name)}Arn": task.function.function_arn for task in tasks}
