"""What was issued, out to the tax engines, each document by its code."""

from aws_cdk import Duration
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge_tagged_secrets
from infra.constructs.consumers import QueueConsumer
from infra.constructs.packages import Extra
from infra.constructs.schedule import Schedule
from infra.stages.data import OPEN_BY_DUE
from infra.stages.platform import TAX_CONNECTION_TAG, Platform

# The smallest engine we know takes ten requests a second from all of a seller's systems.
MAX_CONCURRENT_RECORDS = 2
SWEEP = "rate(5 minutes)"
SWEEP_TIMEOUT = Duration.minutes(4)  # one sweep ends before the next begins


class Tax(Construct):
    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Tax")
        self._platform = platform
        self._commit_tax()
        self._relay_tax_commits()

    def _commit_tax(self) -> None:
        data, queues = self._platform.data, self._platform.queues
        commit_tax = self._platform.function(
            self,
            "commit_tax",
            environment={
                "POSTINGS_TABLE": data.postings.table_name,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "EXCEPTIONS_QUEUE_URL": queues.exceptions.url,
            },
            may=[
                permissions.on_table(data.postings, "GetItem", "PutItem", "UpdateItem"),
                permissions.read_table(data.master_data),
                permissions.read_tagged_secrets(TAX_CONNECTION_TAG),
                permissions.send_to(queues.exceptions.queue),
            ],
            timeout=queues.tax_records.consumer_timeout,
            carries=Extra.HTTP,
        )
        acknowledge_tagged_secrets(commit_tax.role)
        # One document an invocation: the next must not wait out this one's time-outs inside its own visibility.
        QueueConsumer(commit_tax, queues.tax_records, max_concurrency=MAX_CONCURRENT_RECORDS, batch_size=1)

    def _relay_tax_commits(self) -> None:
        data, work = self._platform.data, self._platform.queues.tax_records
        relay_tax_commits = self._platform.function(
            self,
            "relay_tax_commits",
            environment={"POSTINGS_TABLE": data.postings.table_name, "TAX_RECORDS_QUEUE_URL": work.url},
            may=[
                permissions.on_table(data.postings, "GetItem", "PutItem"),
                permissions.query_index(data.postings, OPEN_BY_DUE),
                permissions.send_to(work.queue),
            ],
            timeout=SWEEP_TIMEOUT,
            reserved_concurrency=1,
        )
        Schedule.of_function(relay_tax_commits, expression=SWEEP, key=self._platform.key)
