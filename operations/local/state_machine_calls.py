"""Step Functions' API as far as functions call it: starting executions and answering task tokens."""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.client import BaseClient

from operations.local.calls import Answer, call_aws, client_error
from operations.local.executions import (
    INPUT_LIMIT_BYTES,
    ExecutionNameInvalidError,
    ExecutionNameTakenError,
    ExecutionStatus,
)
from operations.local.moto_engine import state_machine_engine as engine
from operations.local.state_machines import StateMachines, TokenAnswer, TokenClosedError, TokenUnknownError


@dataclass(frozen=True, slots=True)
class StepFunctionsApi:
    """Answers in the service's place; executions and answered tokens carry on later."""

    machines: StateMachines
    machine_arns: frozenset[str]

    def answers(self) -> dict[str, Answer]:
        return {
            "stepfunctions.StartExecution": self._start_execution,
            "stepfunctions.DescribeExecution": self._describe_execution,
            "stepfunctions.SendTaskSuccess": self._send_task_success,
            "stepfunctions.SendTaskFailure": self._send_task_failure,
        }

    def _start_execution(self, client: BaseClient, parameters: dict[str, Any]) -> dict[str, Any]:
        operation, text = "StartExecution", parameters.get("input", "{}")
        machine_arn, name = parameters["stateMachineArn"], parameters["name"]
        if machine_arn not in self.machine_arns:
            message = f"State Machine Does Not Exist: '{machine_arn}'"
            raise client_error(client, operation, "StateMachineDoesNotExist", message)
        _check_json(client, operation, text, "InvalidExecutionInput")
        try:
            execution = self.machines.start(machine_arn=machine_arn, name=name, input_text=text)
        except ExecutionNameInvalidError as error:
            raise client_error(client, operation, "InvalidName", f"Invalid Name: '{error}'") from error
        except ExecutionNameTakenError as error:
            message = f"Execution Already Exists: '{error}'"
            raise client_error(client, operation, "ExecutionAlreadyExists", message) from error
        return {"executionArn": execution.arn, "startDate": execution.started_at}

    def _describe_execution(self, client: BaseClient, parameters: dict[str, Any]) -> Any:  # noqa: ANN401
        execution = self.machines.names.find(parameters["executionArn"])
        if execution is None or execution.status is not ExecutionStatus.QUEUED:
            return call_aws(client, "DescribeExecution", parameters)
        return {
            "executionArn": execution.arn,
            "stateMachineArn": execution.machine_arn,
            "name": execution.name,
            "status": "RUNNING",
            "startDate": execution.started_at,
            "input": execution.input,
        }

    def _send_task_success(self, client: BaseClient, parameters: dict[str, Any]) -> dict[str, Any]:
        _check_json(client, "SendTaskSuccess", parameters["output"], "InvalidOutput")
        success = partial(engine.answer, output=parameters["output"])
        return self._close(client, "SendTaskSuccess", parameters["taskToken"], success)

    def _send_task_failure(self, client: BaseClient, parameters: dict[str, Any]) -> dict[str, Any]:
        failure = partial(engine.refuse, error=parameters.get("error"), cause=parameters.get("cause"))
        return self._close(client, "SendTaskFailure", parameters["taskToken"], failure)

    def _close(self, client: BaseClient, operation: str, token: str, answer: TokenAnswer) -> dict[str, Any]:
        try:
            self.machines.answer(token, answer)
        except TokenUnknownError as error:
            raise client_error(client, operation, "InvalidToken", "Invalid Token") from error
        except TokenClosedError as error:
            raise client_error(client, operation, "TaskTimedOut", "Task Timed Out") from error
        return {}


def _check_json(client: BaseClient, operation: str, text: str, code: str) -> None:
    if len(text.encode()) > INPUT_LIMIT_BYTES:
        raise client_error(client, operation, "ValidationException", f"more than {INPUT_LIMIT_BYTES} bytes")
    try:
        json.loads(text)
    except ValueError as error:
        raise client_error(client, operation, code, str(error)) from error
