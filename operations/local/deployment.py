"""Deploys the planned stacks on moto and reads back what the stand-ins need to know."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import boto3

from operations.local.event_bus import EventRule, EventTarget
from operations.local.event_sources.mapping import EventSourceMapping
from operations.local.functions import DeployedFunction
from operations.local.resource_types import BUCKET, EVENT_RULE, EVENT_SOURCE_MAPPING, SCHEDULE, STATE_MACHINE
from operations.local.schedule_expressions import ScheduleNotUnderstoodError, parse_schedule
from operations.local.scheduler import Schedule
from operations.local.state_machine_definitions import local_definition
from operations.local.template import ACCOUNT, LocalStack, StandIn, state_machine_name

_FOREVER = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    outputs: Mapping[str, str]
    functions: tuple[DeployedFunction, ...]
    mappings: tuple[EventSourceMapping, ...]
    schedules: tuple[Schedule, ...]
    event_rules: tuple[EventRule, ...]
    observed_buckets: frozenset[str]
    state_machine_arns: frozenset[str]


@cache
def aws(service: str) -> Any:  # noqa: ANN401 - a client of any service
    """One client per service and process: making one costs more than most calls."""
    return boto3.client(service)  # type: ignore[call-overload]


def deploy(stacks: Sequence[LocalStack], *, tenant: str, now: datetime) -> Deployment:
    outputs: dict[str, str] = {}
    resources: list[StandIn] = []
    for stack in stacks:
        of_stack = _create_stack(stack, tenant)
        outputs |= of_stack
        resources.extend(_resolved(stack, of_stack))
    return Deployment(
        outputs={key: value for key, value in outputs.items() if not key.startswith("Local")},
        functions=tuple(_functions()),
        mappings=tuple(_mapping(each) for each in _of_type(resources, EVENT_SOURCE_MAPPING)),
        schedules=tuple(
            _schedule(each, now) for each in _of_type(resources, SCHEDULE) if each.properties.get("State") != "DISABLED"
        ),
        event_rules=tuple(_event_rule(each) for each in _of_type(resources, EVENT_RULE)),
        observed_buckets=frozenset(each.properties["BucketName"] for each in _of_type(resources, BUCKET)),
        state_machine_arns=frozenset(_create_state_machine(each) for each in _of_type(resources, STATE_MACHINE)),
    )


def _create_stack(stack: LocalStack, tenant: str) -> dict[str, str]:
    cloudformation = aws("cloudformation")
    parameters = (
        [{"ParameterKey": "Tenant", "ParameterValue": tenant}] if "Tenant" in stack.template["Parameters"] else []
    )
    cloudformation.create_stack(
        StackName=stack.name,
        TemplateBody=json.dumps(stack.template),
        Parameters=parameters,
        Capabilities=["CAPABILITY_IAM"],
    )
    description = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]
    if description["StackStatus"] != "CREATE_COMPLETE":
        raise RuntimeError(f"{stack.name}: {description['StackStatus']} {description.get('StackStatusReason')}")
    return {output["OutputKey"]: output["OutputValue"] for output in description.get("Outputs", [])}


def _resolved(stack: LocalStack, outputs: Mapping[str, str]) -> Iterator[StandIn]:
    for each in stack.stand_ins:
        yield StandIn(
            logical_id=each.logical_id,
            resource_type=each.resource_type,
            properties=stack.resolved(each.properties, outputs),
        )


def _of_type(resources: Sequence[StandIn], resource_type: str) -> Iterator[StandIn]:
    return (each for each in resources if each.resource_type == resource_type)


def _functions() -> Iterator[DeployedFunction]:
    for page in aws("lambda").get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            yield DeployedFunction(
                name=function["FunctionName"],
                arn=function["FunctionArn"].removesuffix(":$LATEST"),
                handler=function["Handler"],
                memory_mib=function["MemorySize"],
                timeout_seconds=function["Timeout"],
                variables=function.get("Environment", {}).get("Variables", {}),
            )


def _mapping(each: StandIn) -> EventSourceMapping:
    properties = each.properties
    _refuse_what_loses_records(each)
    attempts = int(properties.get("MaximumRetryAttempts", _FOREVER))
    age = int(properties.get("MaximumRecordAgeInSeconds", _FOREVER))
    return EventSourceMapping(
        mapping_id=str(uuid5(NAMESPACE_OID, each.logical_id)),
        function_arn=properties["FunctionName"],
        source_arn=properties["EventSourceArn"],
        batch_size=int(properties.get("BatchSize", 10 if ":sqs:" in properties["EventSourceArn"] else 100)),
        reports_item_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
        retry_attempts=None if attempts == _FOREVER else attempts,
        on_failure_arn=properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"),
        splits_failed_batches=bool(properties.get("BisectBatchOnFunctionError", False)),
        record_age_seconds=None if age == _FOREVER else age,
        lanes=int(properties.get("ParallelizationFactor", 1)),
        window_seconds=0,  # nobody waits while time stands still: every window is over at once
    )


def _refuse_what_loses_records(each: StandIn) -> None:
    """Raise ValueError for what no mapping of ours may do, so that the stand-in does not do it either."""
    if "FilterCriteria" in each.properties:
        raise ValueError(f"{each.logical_id}: a filter drops records that nobody sees again")
    if each.properties.get("StartingPosition", "TRIM_HORIZON") != "TRIM_HORIZON":
        raise ValueError(f"{each.logical_id}: only TRIM_HORIZON misses nothing that arrives while it is being made")
    if int(each.properties.get("TumblingWindowInSeconds", 0)):
        raise ValueError(f"{each.logical_id}: a tumbling window keeps its state where nobody can check it")


def _schedule(each: StandIn, now: datetime) -> Schedule:
    properties = each.properties
    if properties.get("ScheduleExpressionTimezone", "UTC") not in ("UTC", "Etc/UTC"):
        raise ScheduleNotUnderstoodError(f"{each.logical_id}: {properties['ScheduleExpressionTimezone']}")
    target, name = properties["Target"], properties.get("Name", each.logical_id)
    return Schedule(
        name=name,
        arn=f"arn:aws:scheduler:{aws('sqs').meta.region_name}:{ACCOUNT}:schedule/default/{name}",
        timing=parse_schedule(properties["ScheduleExpression"], created_at=now),
        target_arn=target["Arn"],
        input_text=target.get("Input", "{}"),
        retry_attempts=int(target.get("RetryPolicy", {}).get("MaximumRetryAttempts", 185)),
        dead_letter_queue_arn=target.get("DeadLetterConfig", {}).get("Arn"),
    )


def _event_rule(each: StandIn) -> EventRule:
    if "EventPattern" not in each.properties:
        raise ValueError(f"{each.logical_id}: only rules with a pattern run locally; schedules are the Scheduler's")
    return EventRule(
        pattern=each.properties["EventPattern"],
        targets=tuple(_event_target(each, target) for target in each.properties["Targets"]),
    )


def _event_target(each: StandIn, target: Mapping[str, Any]) -> EventTarget:
    if ":sqs:" not in target["Arn"]:
        raise ValueError(f"{each.logical_id}: the event bus reaches nothing but queues locally")
    transformer = target.get("InputTransformer", {})
    return EventTarget(
        queue_arn=target["Arn"],
        input_paths=transformer.get("InputPathsMap", {}),
        input_template=transformer.get("InputTemplate"),
    )


def _create_state_machine(each: StandIn) -> str:
    text: str = each.properties["DefinitionString"]
    for name, value in each.properties.get("DefinitionSubstitutions", {}).items():
        text = text.replace(f"${{{name}}}", value)
    created = aws("stepfunctions").create_state_machine(
        name=state_machine_name(each.logical_id, each.properties),
        definition=local_definition(text),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/local",
    )
    arn: str = created["stateMachineArn"]
    return arn
