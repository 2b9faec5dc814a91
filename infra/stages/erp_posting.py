"""Posting intents out to the ERPs, each exactly once."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge_tagged_secrets
from infra.constructs.consumers import QueueConsumer
from infra.constructs.packages import Extra
from infra.constructs.python_function import PythonFunction
from infra.constructs.schedule import Schedule
from infra.constructs.state_machine import AslStateMachine
from infra.stages.data import BY_EXTERNAL_REF, OPEN_BY_DUE
from infra.stages.platform import Platform

# Secrets of ERP connections are made by hand and named by the catalogue; this tag is what lets the functions read one.
ERP_CONNECTION_TAG = "erp-connection"
# Postings worked on at once, for all ERPs together; each ERP's own limit is kept by its permits.
MAX_CONCURRENT_POSTINGS = 10
SWEEP = "rate(5 minutes)"
MAPPINGS_AT = "cron(30 5 * * ? *)"  # half an hour before the bill run
MAPPINGS_TIMEOUT = Duration.minutes(10)
PERIODS_EVERY = "rate(6 hours)"
SETTLEMENTS_EVERY = "rate(10 minutes)"  # each ERP hourly, and one whose pass is not complete at every tick
SETTLEMENTS_TIMEOUT = Duration.minutes(10)
SWEEP_TIMEOUT = Duration.minutes(4)  # one sweep ends before the next begins


class ErpPosting(Construct):
    def __init__(self, scope: Construct, platform: Platform, *, lifecycle: AslStateMachine) -> None:
        super().__init__(scope, "ErpPosting")
        self._platform = platform
        data, queues = platform.data, platform.queues
        self._environment = {
            "POSTINGS_TABLE": data.postings.table_name,
            "EXCEPTIONS_QUEUE_URL": queues.exceptions.url,
        }
        self._may = [
            permissions.on_table(data.postings, "GetItem", "PutItem"),
            permissions.send_to(queues.exceptions.queue),
            permissions.answer_tasks(lifecycle.arn),
        ]
        self._find_open = permissions.query_index(data.postings, OPEN_BY_DUE)
        self._post_to_erp()
        self._resolve_unknown_postings()
        self._relay_postings()
        self._repair_posting()
        self._watch_erps()
        self.sync_settlements = self._sync_settlements()
        self._sync_accounting_periods()
        self._check_erp_mappings()
        self._align_customers()

    def _post_to_erp(self) -> None:
        work = self._platform.queues.erp_postings
        post_to_erp = self._platform.function(
            self,
            "post_to_erp",
            environment=self._environment | self._erp_environment() | {"ERP_POSTINGS_QUEUE_URL": work.url},
            may=[*self._may, *self._reach_erps(), permissions.send_to(work.queue)],
            timeout=work.consumer_timeout,
            carries=Extra.HTTP,
        )
        acknowledge_tagged_secrets(post_to_erp.role)
        # One posting an invocation: the next must not wait out this one's time-outs inside its own visibility.
        QueueConsumer(post_to_erp, work, max_concurrency=MAX_CONCURRENT_POSTINGS, batch_size=1)

    def _resolve_unknown_postings(self) -> None:
        work = self._platform.queues.posting_follow_ups
        resolve_unknown_postings = self._platform.function(
            self,
            "resolve_unknown_postings",
            environment=self._environment
            | self._erp_environment()
            | {
                "INVOICES_TABLE": self._platform.data.invoices.table_name,
                "POSTING_FOLLOW_UPS_QUEUE_URL": work.url,
            },
            may=[*self._may, *self._reach_erps(), permissions.send_to(work.queue)],
            timeout=work.consumer_timeout,
            carries=Extra.HTTP,
        )
        acknowledge_tagged_secrets(resolve_unknown_postings.role)
        QueueConsumer(resolve_unknown_postings, work, max_concurrency=MAX_CONCURRENT_POSTINGS, batch_size=1)

    def _relay_postings(self) -> None:
        queues = self._platform.queues
        relay_postings = self._platform.function(
            self,
            "relay_postings",
            environment=self._environment
            | {
                "ERP_POSTINGS_QUEUE_URL": queues.erp_postings.url,
                "POSTING_FOLLOW_UPS_QUEUE_URL": queues.posting_follow_ups.url,
                "INVOICE_DOCUMENTS_QUEUE_URL": queues.invoice_documents.url,
                "MASTER_DATA_TABLE": self._platform.data.master_data.table_name,
            },
            may=[
                *self._may,
                self._find_open,
                permissions.read_table(self._platform.data.master_data),
                *(permissions.measure(work.queue) for work in (queues.erp_postings, queues.posting_follow_ups)),
                *(permissions.send_to(work.queue) for work in (queues.erp_postings, queues.posting_follow_ups)),
                permissions.send_to(queues.invoice_documents.queue),
            ],
            timeout=SWEEP_TIMEOUT,
            reserved_concurrency=1,
        )
        Schedule.of_function(relay_postings, expression=SWEEP, key=self._platform.key)

    def _repair_posting(self) -> None:
        data, work = self._platform.data, self._platform.queues.erp_postings
        repair_posting = self._platform.function(
            self,
            "repair_posting",
            environment={
                "ERP_POSTINGS_QUEUE_URL": work.url,
                "INVOICES_TABLE": data.invoices.table_name,
                "POSTINGS_TABLE": data.postings.table_name,
            }
            | self._erp_environment(),
            may=[
                permissions.on_table(data.postings, "GetItem", "PutItem", "UpdateItem"),
                permissions.query_index(data.postings, BY_EXTERNAL_REF),
                permissions.on_table(data.invoices, "GetItem", "PutItem"),
                *self.sign_in_to_erps(),
                permissions.send_to(work.queue),
            ],
            timeout=work.consumer_timeout,
            carries=Extra.HTTP,
        )
        acknowledge_tagged_secrets(repair_posting.role)

    def _sync_settlements(self) -> PythonFunction:
        data, queues = self._platform.data, self._platform.queues
        sync_settlements = self._platform.function(
            self,
            "sync_settlements",
            environment=self._environment
            | self._erp_environment()
            | {"INVOICES_TABLE": data.invoices.table_name, "EXCEPTIONS_TABLE": data.exceptions.table_name},
            may=[
                permissions.on_table(data.postings, "GetItem", "PutItem"),
                permissions.query_index(data.postings, BY_EXTERNAL_REF),
                permissions.on_table(data.invoices, "Query"),
                permissions.on_table(data.exceptions, "GetItem"),
                permissions.send_to(queues.exceptions.queue),
                *self.sign_in_to_erps(),
            ],
            timeout=SETTLEMENTS_TIMEOUT,
            reserved_concurrency=1,  # two would move the cursors of each other
            carries=Extra.HTTP,
        )
        acknowledge_tagged_secrets(sync_settlements.role)
        Schedule.of_function(sync_settlements, expression=SETTLEMENTS_EVERY, key=self._platform.key)
        return sync_settlements

    def _sync_accounting_periods(self) -> None:
        data, queues = self._platform.data, self._platform.queues
        sync_accounting_periods = self._platform.function(
            self,
            "sync_accounting_periods",
            environment=self._environment | self._erp_environment() | {"EXCEPTIONS_TABLE": data.exceptions.table_name},
            may=[
                permissions.on_table(data.postings, "GetItem", "PutItem", "Query", "UpdateItem"),
                self._find_open,
                permissions.on_table(data.exceptions, "Query"),
                permissions.send_to(queues.exceptions.queue),
                *self.sign_in_to_erps(),
            ],
            timeout=SETTLEMENTS_TIMEOUT,
            reserved_concurrency=1,
            carries=Extra.HTTP,
        )
        acknowledge_tagged_secrets(sync_accounting_periods.role)
        Schedule.of_function(sync_accounting_periods, expression=PERIODS_EVERY, key=self._platform.key)

    def _check_erp_mappings(self) -> None:
        data, queues = self._platform.data, self._platform.queues
        check_erp_mappings = self._platform.function(
            self,
            "check_erp_mappings",
            environment={
                "EXCEPTIONS_QUEUE_URL": queues.exceptions.url,
                "EXCEPTIONS_TABLE": data.exceptions.table_name,
                "POSTINGS_TABLE": data.postings.table_name,
            }
            | self._erp_environment(),
            may=[
                permissions.on_table(data.exceptions, "GetItem"),
                permissions.send_to(queues.exceptions.queue),
                *self.sign_in_to_erps(),
            ],
            timeout=MAPPINGS_TIMEOUT,
            reserved_concurrency=1,
            carries=Extra.HTTP,
        )
        acknowledge_tagged_secrets(check_erp_mappings.role)
        Schedule.of_function(check_erp_mappings, expression=MAPPINGS_AT, key=self._platform.key)

    def _align_customers(self) -> None:
        align_customers = self._platform.function(
            self,
            "align_customers",
            environment={"POSTINGS_TABLE": self._platform.data.postings.table_name} | self._erp_environment(),
            may=self.sign_in_to_erps(),
            timeout=MAPPINGS_TIMEOUT,
            reserved_concurrency=1,
            carries=Extra.HTTP,
        )
        acknowledge_tagged_secrets(align_customers.role)

    def _watch_erps(self) -> None:
        data, queues = self._platform.data, self._platform.queues
        watch_erps = self._platform.function(
            self,
            "watch_erps",
            environment={
                "EXCEPTIONS_QUEUE_URL": queues.exceptions.url,
                "EXCEPTIONS_TABLE": data.exceptions.table_name,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "POSTINGS_TABLE": data.postings.table_name,
            },
            may=[
                permissions.on_table(data.exceptions, "Query"),
                permissions.on_table(data.postings, "GetItem", "UpdateItem"),
                permissions.read_table(data.master_data),
                permissions.send_to(queues.exceptions.queue),
                self._find_open,
            ],
            timeout=SWEEP_TIMEOUT,
        )
        Schedule.of_function(watch_erps, expression=SWEEP, key=self._platform.key)

    def _erp_environment(self) -> dict[str, str]:
        data = self._platform.data
        return {"MASTER_DATA_TABLE": data.master_data.table_name, "ERP_SIGNING_KEY_ID": data.erp_signing_key.key_id}

    def _reach_erps(self) -> list[iam.PolicyStatement]:
        """Reach the ERP of a posting, and settle the intent with its accounting period."""
        on_postings = permissions.on_table(self._platform.data.postings, "ConditionCheckItem", "UpdateItem")
        return [on_postings, *self.sign_in_to_erps()]

    def sign_in_to_erps(self) -> list[iam.PolicyStatement]:
        """Find out which ERP a posting goes to, stand in line before it, and sign in there."""
        data = self._platform.data
        return [
            permissions.stand_in_line(data.postings),
            permissions.read_table(data.master_data),
            permissions.read_tagged_secrets(ERP_CONNECTION_TAG),
            permissions.sign_with(data.erp_signing_key),
        ]
