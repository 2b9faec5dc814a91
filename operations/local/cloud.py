"""AWS in this process: deployed stacks that stand still until they are told to settle, or the clock is moved."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from botocore.client import BaseClient
from moto import mock_aws
from moto.core.config import DefaultConfig

import shared.runtime.clock
from operations.local.calls import CallObserver, call_aws, intercepted_calls
from operations.local.clock import SimulatedClock
from operations.local.deployment import Deployment, aws, deploy
from operations.local.event_bus import EventBus, execution_ended_detail, object_created_detail
from operations.local.event_sources.kinesis import KinesisEventSource
from operations.local.event_sources.sqs import SqsEventSource
from operations.local.functions import DeployedFunction, Functions
from operations.local.moto_engine.expressions import expressions_are_read_once
from operations.local.moto_engine.keys import keys_of_their_own_kind
from operations.local.moto_engine.queries import queries_look_at_their_partition
from operations.local.moto_engine.repeatability import repeat_identifiers, templates_are_json
from operations.local.moto_engine.repeated_work import repeated_work_is_done_once
from operations.local.moto_engine.resharding import closed_shards_keep_their_records
from operations.local.moto_engine.simulated_time import moto_on_simulated_time
from operations.local.moto_engine.sources import set_arrival
from operations.local.moto_engine.state_machine_engine import state_machine_engine
from operations.local.moto_engine.transactions import transactions_keep_only_their_items
from operations.local.moto_engine.unread_headers import unread_headers_are_not_worked_out
from operations.local.patching import replaced
from operations.local.powertools_time import circuit_breaker_on_simulated_time
from operations.local.scheduler import Scheduler
from operations.local.state_machine_calls import StepFunctionsApi
from operations.local.state_machines import StateMachines
from operations.local.template import ACCOUNT, SynthesizedTemplates, plan
from shared.domain.identifiers import TenantId

_DEFAULT_REGION = "eu-central-1"
_MOTO: DefaultConfig = {
    "lambda": {"use_docker": False},
    "stepfunctions": {"execute_state_machine": True},
    "core": {"reset_boto3_session": False},  # a new session would read every service model again
}
_PUT_RECORDS_LIMIT = 500
_PUT_BYTES_LIMIT = 4 * 1024 * 1024
# Functions that keep giving each other work at one instant never settle.
_MOST_STEPS = 1_000_000


class NeverSettlesError(RuntimeError):
    """Functions keep giving each other work although time stands still."""


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """One record for the usage-events stream, as it arrived at `arrived_at`."""

    arrived_at: datetime
    partition_key: str
    data: bytes


class LocalCloud:
    """The synthesised templates on moto, with functions in this process. One at a time; leaving it forgets everything.

    Keys are those of the stacks' outputs: `resource("UsageEventsStream")`, `send("ErpPostings", ...)`. Functions go by
    their folder: `invoke("ingest_usage", ...)`.
    """

    def __init__(self, templates: SynthesizedTemplates, tenant: str, start: datetime) -> None:
        self.clock = SimulatedClock(start)
        self.receivers: list[Callable[[], None]] = []  # who answers files: each looks before its answers are looked for
        self._templates = templates
        self._tenant = tenant
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(_region())
            opening.enter_context(mock_aws(config=_MOTO))
            opening.enter_context(replaced(shared.runtime.clock, "read_seconds", self.clock.seconds))
            opening.enter_context(replaced(shared.runtime.clock, "sleep", _time_stands_still))
            opening.enter_context(circuit_breaker_on_simulated_time(self.clock.seconds))
            opening.enter_context(moto_on_simulated_time(self.clock))
            opening.enter_context(repeated_work_is_done_once())
            opening.enter_context(expressions_are_read_once())
            opening.enter_context(unread_headers_are_not_worked_out())
            opening.enter_context(transactions_keep_only_their_items())
            opening.enter_context(queries_look_at_their_partition())
            opening.enter_context(closed_shards_keep_their_records())
            self._machines = StateMachines(aws("stepfunctions"), self.clock, self._execution_ended)
            opening.enter_context(state_machine_engine(self._machines))
            repeat_identifiers()
            stacks = plan(self._templates, region=os.environ["AWS_DEFAULT_REGION"])
            with templates_are_json(), keys_of_their_own_kind():
                self._deployment = deploy(stacks, tenant=self._tenant, now=self.clock.now())
            self._stand_in(opening, self._deployment)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def functions(self) -> tuple[DeployedFunction, ...]:
        return self._deployment.functions

    @property
    def on_call(self) -> CallObserver | None:
        """Hears of every AWS and HTTP call made in a function. When it raises a BaseException, the environment dies."""
        return self._functions.on_call

    @on_call.setter
    def on_call(self, observer: CallObserver | None) -> None:
        self._functions.on_call = observer

    @property
    def tenant(self) -> TenantId:
        return TenantId(self._tenant)

    def resource(self, key: str) -> str:
        """Find the physical name, URL or ARN under an output's key. Raises KeyError with the keys there are."""
        try:
            return self._deployment.outputs[key]
        except KeyError:
            raise KeyError(f"no output {key}; there are {sorted(self._deployment.outputs)}") from None

    def put_usage(self, records: Sequence[UsageRecord]) -> None:
        """Put records on the usage-events stream in order of arrival. Raises ValueError for arrivals yet to come."""
        stream, kinesis = self.resource("UsageEventsStream"), aws("kinesis")
        for batch in _put_batches(sorted(records, key=lambda record: record.arrived_at)):
            if batch[-1].arrived_at > self.clock.now():
                raise ValueError(f"a record that arrives at {batch[-1].arrived_at} is put at {self.clock.now()}")
            entries = [{"Data": record.data, "PartitionKey": record.partition_key} for record in batch]
            put = kinesis.put_records(StreamName=stream, Records=entries)["Records"]
            for record, where in zip(batch, put, strict=True):
                set_arrival(
                    stream,
                    kinesis.meta.region_name,
                    shard=where["ShardId"],
                    sequence_number=where["SequenceNumber"],
                    arrived_at=record.arrived_at,
                )

    def send(self, queue_key: str, body: Mapping[str, Any]) -> None:
        """Send a JSON message to the queue of this key, without its suffix QueueUrl."""
        aws("sqs").send_message(QueueUrl=self.resource(f"{queue_key}QueueUrl"), MessageBody=json.dumps(body))

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        """Invoke a function by its folder. Raises FunctionError."""
        return self._functions.invoke(function, event)

    def advance_to(self, instant: datetime) -> None:
        """Move the clock and settle, then fire each schedule that came due once, for its last due time, and settle."""
        before = self.clock.now()
        self.clock.advance_to(instant)
        self.settle()
        for due, schedule in self._scheduler.due(after=before, until=instant):
            self._scheduler.fire(due, schedule)
            self.settle()

    def settle(self) -> None:
        """Run event sources and executions until nothing moves at this instant."""
        for _ in range(_MOST_STEPS):
            if not self._step():
                return
        raise NeverSettlesError(f"more than {_MOST_STEPS} steps at {self.clock.now()}")

    def _step(self) -> bool:
        # Executions come last, one by one: what one has asked for is done before the next starts.
        moved = [source.poll() for source in self._sources]
        return any(moved) or self._machines.poll() or self._machines.run_next()

    def _stand_in(self, opening: ExitStack, deployment: Deployment) -> None:
        self._functions = Functions(deployment.functions)
        self._event_bus = EventBus(
            deployment.event_rules, self.clock, ACCOUNT, aws("sqs").meta.region_name, self._send_to_arn
        )
        self._scheduler = Scheduler(
            schedules=deployment.schedules, deliver=self._deliver, dead_letter=self._send_to_arn
        )
        self._sources = [
            SqsEventSource(mapping, aws("sqs"), self.clock, self._functions.invoke)
            if ":sqs:" in mapping.source_arn
            else KinesisEventSource(mapping, self.clock, self._functions.invoke, _put_object, self._send_to_arn)
            for mapping in deployment.mappings
        ]
        answers = StepFunctionsApi(self._machines, deployment.state_machine_arns).answers() | {
            "lambda.Invoke": self._functions.answer_invoke,
            "s3.PutObject": self._put_object,
            "s3.ListObjectVersions": self._list_object_versions,
            # Time stands still while somebody waits for a message.
            "sqs.ReceiveMessage": lambda client, parameters: call_aws(
                client, "ReceiveMessage", parameters | {"WaitTimeSeconds": 0}
            ),
        }
        opening.enter_context(intercepted_calls(answers, self._functions.observe))
        opening.callback(self._machines.stop_all)

    def _deliver(self, target_arn: str, text: str, firing: str) -> None:
        match target_arn.split(":")[2]:
            case "lambda":
                self._functions.invoke(target_arn, json.loads(text))
            case "states":
                self._machines.start(machine_arn=target_arn, name=firing, input_text=text)
            case "sqs":
                self._send_to_arn(target_arn, text)
            case service:
                raise ValueError(f"no schedule reaches {service} locally")

    def _send_to_arn(self, queue_arn: str, text: str) -> None:
        url = aws("sqs").get_queue_url(QueueName=queue_arn.rpartition(":")[2])["QueueUrl"]
        aws("sqs").send_message(QueueUrl=url, MessageBody=text)

    def _execution_ended(self, description: dict[str, Any]) -> None:
        self._event_bus.publish(
            source="aws.states",
            detail_type="Step Functions Execution Status Change",
            resources=[description["executionArn"]],
            detail=execution_ended_detail(description, at=self.clock.now()),
        )

    def _list_object_versions(self, client: BaseClient, parameters: dict[str, Any]) -> Any:  # noqa: ANN401
        for look in self.receivers:
            look()
        return call_aws(client, "ListObjectVersions", parameters)

    def _put_object(self, client: BaseClient, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - the call's answer
        answer = call_aws(client, "PutObject", parameters)
        bucket, key = parameters["Bucket"], parameters["Key"]
        if bucket in self._deployment.observed_buckets:
            self._event_bus.publish(
                source="aws.s3",
                detail_type="Object Created",
                resources=[f"arn:aws:s3:::{bucket}"],
                detail=object_created_detail(bucket, key),
            )
        return answer


def _put_object(bucket: str, key: str, body: bytes) -> None:
    aws("s3").put_object(Bucket=bucket, Key=key, Body=body)


def _put_batches(records: Sequence[UsageRecord]) -> Iterator[list[UsageRecord]]:
    batch: list[UsageRecord] = []
    size = 0
    for record in records:
        size += len(record.data)
        if batch and (len(batch) == _PUT_RECORDS_LIMIT or size > _PUT_BYTES_LIMIT):
            yield batch
            batch, size = [], len(record.data)
        batch.append(record)
    if batch:
        yield batch


def _time_stands_still(_seconds: float) -> None:
    """Time does not pass inside an invocation; who waits there goes on as if it had."""


@contextmanager
def _region() -> Iterator[None]:
    given = os.environ.get("AWS_DEFAULT_REGION")
    os.environ.setdefault("AWS_DEFAULT_REGION", _DEFAULT_REGION)
    try:
        yield
    finally:
        if given is None:
            del os.environ["AWS_DEFAULT_REGION"]
