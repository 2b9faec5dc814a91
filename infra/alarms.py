"""Alarms that wake a person: each says what it means, what to do first, and where the rest is written."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.consumers import StreamConsumer
from infra.constructs.encryption_key import EncryptionKey
from infra.constructs.http_api import HttpApi
from infra.constructs.python_function import PythonFunction
from infra.constructs.state_machine import AslStateMachine
from infra.constructs.work_queue import DeadLetterQueue

# A seventh of the streams' retention: six days are left to mend a consumer before anything is given up.
MAX_ITERATOR_AGE = Duration.hours(24)
# It is read anew after 10 seconds; after 15 minutes usage waits.
MAX_MASTER_DATA_AGE = Duration.minutes(1)
# The backlog of a busy month's end takes hours at an ERP's limits, not a day.
MAX_POSTING_AGE = Duration.hours(24)
MAX_LOST_RACES_PERCENT = 1
FEWEST_PUTS = 100


class Alarms(Construct):
    """One encrypted topic, and an alarm on every dead-letter queue, mapping, state machine and function of a stack."""

    def __init__(self, scope: Construct, *, application: Stack) -> None:
        super().__init__(scope, "Alarms")
        self._topic = sns.Topic(
            self,
            "Topic",
            master_key=EncryptionKey(self, "Key", services=("cloudwatch.amazonaws.com",)),
            enforce_ssl=True,
        )
        CfnOutput(self, "TopicArn", value=self._topic.topic_arn).override_logical_id("AlarmTopicArn")
        self._lost_races()
        self._contended_buckets()
        self._old_master_data()
        self._quiet_producers()
        self._stopped_erps()
        self._old_postings()
        for node in application.node.find_all():
            match node:
                case DeadLetterQueue():
                    self._dead_letters(node)
                case PythonFunction():
                    self._function_fails(node)
                case StreamConsumer():
                    self._iterator_age(node)
                case AslStateMachine():
                    self._failed_executions(node)
                case HttpApi():
                    self._unanswered_requests(node)
                case _:
                    pass  # nothing of ours that can fail by itself

    def _dead_letters(self, queue: DeadLetterQueue) -> None:
        self._alarm(
            f"dead-letters-of-{queue.name}",
            metrics=[queue.metric_approximate_number_of_messages_visible(statistic="Maximum")],
            threshold=0,
            meaning=f"Work of {queue.name} was given up and waits in its dead-letter queue.",
            first_action="Read its DEAD_LETTER exception, mend the cause, then redrive the queue.",
            runbook="dead-letter",
        )

    def _iterator_age(self, consumer: StreamConsumer) -> None:
        name = consumer.function.name
        self._alarm(
            f"iterator-age-of-{name}",
            metrics=[consumer.function.function.metric("IteratorAge", statistic="Maximum")],
            threshold=MAX_ITERATOR_AGE.to_milliseconds(),
            meaning=f"{name} is a day behind its stream; after six days it gives records up to the bucket.",
            first_action=f"Look for errors and throttles of {name}; no window is sealed meanwhile.",
            runbook="iterator-age",
        )

    def _lost_races(self) -> None:
        taken, lost = (_counted(name, period=Duration.hours(1)) for name in ("SlotsTaken", "SlotsLost"))
        share = cloudwatch.MathExpression(
            # Few puts tell nothing: a restart, a seal and a lost reply each lose one.
            expression=f"IF(taken + FILL(lost, 0) > {FEWEST_PUTS}, 100 * FILL(lost, 0) / (taken + FILL(lost, 0)), 0)",
            using_metrics={"taken": taken, "lost": lost},
            period=Duration.hours(1),
        )
        self._alarm(
            "lost-races-of-aggregate_usage",
            metrics=[share],
            threshold=MAX_LOST_RACES_PERCENT,
            meaning="Writers of the ledger get in each other's way: more than 1 % of their puts found the slot taken.",
            first_action="See whether usage of one group comes over several shards.",
            runbook="ledger-contention",
        )

    def _contended_buckets(self) -> None:
        self._alarm(
            "contended-buckets-of-aggregate_usage",
            metrics=[_counted("BucketsContended", period=Duration.minutes(5))],
            threshold=0,
            meaning="A batch lost 51 races for one bucket of the ledger and was given back to its stream.",
            first_action="Compare the number of shards with the lost races of the last hour.",
            runbook="ledger-contention",
        )

    def _old_master_data(self) -> None:
        self._alarm(
            "master-data-age-of-enrich_usage",
            metrics=[
                cloudwatch.Metric(
                    namespace="usage-to-cash",
                    metric_name="MasterDataAge",
                    dimensions_map={"service": "enrich_usage"},
                    statistic="Maximum",
                    period=Duration.minutes(1),
                )
            ],
            threshold=MAX_MASTER_DATA_AGE.to_seconds(),
            periods=3,
            meaning="Usage is enriched with the last catalogue known: which one is published cannot be read.",
            first_action="See whether DynamoDB answers for the table of master data.",
            runbook="master-data-age",
        )

    def _quiet_producers(self) -> None:
        self._alarm(
            "quiet-producers",
            metrics=[
                cloudwatch.Metric(
                    namespace="usage-to-cash",
                    metric_name="QuietProducers",
                    dimensions_map={"service": "detect_quiet_producers"},
                    statistic="Maximum",
                    period=Duration.minutes(10),
                )
            ],
            threshold=0,
            meaning="A source of usage that is watched over gives no sign any more.",
            first_action="Read its PRODUCER_QUIET exception and ask the owner that it names.",
            runbook="quiet-producers",
        )

    def _stopped_erps(self) -> None:
        self._alarm(
            "stopped-erps",
            metrics=[_of_erps("ErpsStopped")],
            threshold=0,
            # One period is an ERP that was down for some minutes and is tried again by itself.
            periods=3,
            meaning=(
                "An ERP is not called: it is down, refuses our credentials, or shows a certificate that is not to be"
                " trusted. Its postings wait."
            ),
            first_action="Ask `u2c erp status` which one and why.",
            runbook="erp-backlog",
        )

    def _old_postings(self) -> None:
        self._alarm(
            "old-postings",
            metrics=[_of_erps("OldestPostingAge")],
            threshold=MAX_POSTING_AGE.to_seconds(),
            meaning="A document that was issued a day ago is not in the ledger of its ERP.",
            first_action="Ask `u2c erp status` what waits, and how long that will take.",
            runbook="erp-backlog",
        )

    def _failed_executions(self, machine: AslStateMachine) -> None:
        self._alarm(
            f"failed-executions-of-{machine.name}",
            metrics=[
                machine.machine.metric_failed(),
                machine.machine.metric_aborted(),
                machine.machine.metric_timed_out(),
            ],
            threshold=0,
            meaning=f"An execution of {machine.name} ended without success.",
            first_action="Read its FAILED_EXECUTION exception, mend the cause, then let the next bill run go on.",
            runbook="failed-execution",
        )

    def _function_fails(self, function: PythonFunction) -> None:
        self._alarm(
            f"errors-of-{function.name}",
            metrics=[function.function.metric_errors(), function.function.metric_throttles()],
            threshold=0,
            # A single failure is retried and means nothing; three in a row is what a retry does not cure.
            periods=3,
            meaning=f"{function.name} fails or is throttled again and again; what feeds it waits or is retried.",
            first_action="Read the function's log of the last minutes for the first error.",
            runbook="function-errors",
        )

    def _unanswered_requests(self, api: HttpApi) -> None:
        self._alarm(
            f"unanswered-requests-of-{api.name}",
            metrics=[api.api.metric_server_error(statistic="Sum")],
            threshold=0,
            # A single one is sent again by its caller; three periods in a row are callers who cannot get through.
            periods=3,
            meaning=f"Whoever calls {api.name} gets no answer, or is told to send again.",
            first_action="Tell by the access log which route answers with which status.",
            runbook="unanswered-requests",
        )

    def _alarm(
        self,
        name: str,
        *,
        metrics: Sequence[cloudwatch.IMetric],
        threshold: float,
        meaning: str,
        first_action: str,
        runbook: str,
        periods: int = 1,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=_sum_of(metrics),
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=f"{meaning} First: {first_action} Runbook: docs/runbooks/{runbook}.md",
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))


def _counted(name: str, *, period: Duration) -> cloudwatch.Metric:
    """Return a figure that aggregate_usage writes into its log."""
    return cloudwatch.Metric(
        namespace="usage-to-cash",
        metric_name=name,
        dimensions_map={"service": "aggregate_usage"},
        statistic="Sum",
        period=period,
    )


def _of_erps(name: str) -> cloudwatch.Metric:
    """Return a figure that watch_erps writes into its log."""
    return cloudwatch.Metric(
        namespace="usage-to-cash",
        metric_name=name,
        dimensions_map={"service": "watch_erps"},
        statistic="Maximum",
        period=Duration.minutes(5),
    )


def _sum_of(metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.IMetric:
    if len(metrics) == 1:
        return metrics[0]
    named = {f"m{position}": metric for position, metric in enumerate(metrics)}
    return cloudwatch.MathExpression(expression=" + ".join(named), using_metrics=named, period=Duration.minutes(5))
