"""A time at which a function runs, an execution starts or a message is sent."""

from typing import Any

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge
from infra.constructs.python_function import PythonFunction
from infra.constructs.state_machine import AslStateMachine
from infra.constructs.work_queue import DeadLetterQueue, WorkQueue

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"  # the Scheduler writes the time for which it fires, also on a retry
MAX_AGE = Duration.hours(1)
RETRIES = 10


class Schedule(Construct):
    """Hands the scheduled time or a message to a target, with a role for this target only; what could not be is kept.

    The Scheduler only hands over: a function is invoked asynchronously, so that its own errors are retried by Lambda,
    and end in the same dead-letter queue.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = DeadLetterQueue(self, "DeadLetters", name=name, key=key)
        self._key = key
        acknowledge(
            self.dead_letters,
            {"AwsSolutions-SQS3": "It is a dead-letter queue, of the Scheduler rather than of another queue."},
        )

    @classmethod
    def of_function(cls, function: PythonFunction, *, expression: str, key: kms.IKey) -> "Schedule":
        """Invoke a function with `{"time": scheduled time}`."""
        schedule = cls(function, "Schedule", name=function.name, key=key)
        function.retry_events(schedule.dead_letters, retries=2, max_age=MAX_AGE)
        schedule._fire(
            expression=expression,
            target_arn=function.function.function_arn,
            permission=permissions.invoke(function.function),
            payload={"time": SCHEDULED_TIME},
        )
        return schedule

    @classmethod
    def of_state_machine(cls, machine: AslStateMachine, *, expression: str, key: kms.IKey) -> "Schedule":
        """Start an execution with `{"scheduled_time": scheduled time}`."""
        schedule = cls(machine, "Schedule", name=machine.name, key=key)
        schedule._fire(
            expression=expression,
            target_arn=machine.arn,
            permission=permissions.start_executions(machine.arn),
            payload={"scheduled_time": SCHEDULED_TIME},
        )
        return schedule

    @classmethod
    def of_queue(cls, work: WorkQueue, *, expression: str, message: dict[str, str], key: kms.IKey) -> "Schedule":
        """Send a message that says the same each time: whoever empties the queue finds out what there is to do."""
        schedule = cls(work, "Schedule", name=f"{work.dead_letters.name}-schedule", key=key)
        schedule._fire(
            expression=expression,
            target_arn=work.queue.queue_arn,
            permission=permissions.send_to(work.queue),
            payload=message,
        )
        return schedule

    def _fire(
        self, *, expression: str, target_arn: str, permission: iam.PolicyStatement, payload: dict[str, Any]
    ) -> None:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
        )
        for statement in (permission, permissions.send_to(self.dead_letters), permissions.use_key(self._key)):
            role.add_to_policy(statement)
        schedule = scheduler.CfnSchedule(
            self,
            "Timer",
            schedule_expression=expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            kms_key_arn=self._key.key_arn,
            target=scheduler.CfnSchedule.TargetProperty(
                arn=target_arn,
                role_arn=role.role_arn,
                input=Stack.of(self).to_json_string(payload),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_retry_attempts=RETRIES, maximum_event_age_in_seconds=int(MAX_AGE.to_seconds())
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=self.dead_letters.queue_arn),
            ),
        )
        schedule.node.add_dependency(role)
