"""Lambda in this process: each function's handler, imported under that function's own environment."""

import importlib
import io
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from uuid import NAMESPACE_OID, uuid5

from botocore.client import BaseClient

from operations.local.calls import CallObserver, Moment, client_error
from shared.runtime.logging import logger

_PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024
# What a process keeps of its surroundings; every other variable has to come from the template, as on AWS.
_KEPT_VARIABLES = ("AWS_", "POWERTOOLS_", "PYTHON", "PATH", "HOME", "LANG", "TMPDIR", "TZ")


class FunctionError(Exception):
    """A function raised, could not be imported, or its environment died."""

    def __init__(self, error_type: str, message: str, trace: tuple[str, ...] = ()) -> None:
        super().__init__(f"{error_type}: {message}")
        self.error_type = error_type
        self.message = message
        self.trace = trace

    def payload(self) -> bytes:
        """Write the error as Lambda's Invoke returns it."""
        body = {"errorMessage": self.message, "errorType": self.error_type, "stackTrace": list(self.trace)}
        return json.dumps(body).encode()


class ThrottledError(Exception):
    """Lambda did not take an event, so nothing ran. No function is ever throttled here; tests say it of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedFunction:
    """What a deployment knows of a function. `name` is the physical name, `folder` the one in the tree."""

    name: str
    arn: str
    handler: str
    memory_mib: int
    timeout_seconds: int
    variables: Mapping[str, str]

    @property
    def module(self) -> str:
        return self.handler.rpartition(".")[0]

    @property
    def folder(self) -> str:
        return self.module.split(".")[-2]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationContext:
    """The second argument of a handler. Time does not pass inside an invocation: all of the time-out remains."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    aws_request_id: str
    remaining_milliseconds: int
    function_version: str = "$LATEST"
    log_group_name: str = ""
    log_stream_name: str = ""

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_milliseconds


@dataclass(slots=True)
class Functions:
    """All functions of a deployment. One is invoked at a time; what a handler invokes runs on the same thread."""

    deployed: tuple[DeployedFunction, ...]
    on_call: CallObserver | None = None
    _by_name: dict[str, DeployedFunction] = field(init=False)
    _environments: dict[str, Callable[[Any, InvocationContext], Any]] = field(init=False, default_factory=dict)
    _running: list[DeployedFunction] = field(init=False, default_factory=list)
    _one_at_a_time: threading.RLock = field(init=False, default_factory=threading.RLock)
    _invocations: int = field(init=False, default=0)
    _killed_by: BaseException | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._by_name = {key: each for each in self.deployed for key in (each.name, each.arn, each.folder)}

    def invoke(self, name: str, event: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
        """Invoke by name, ARN or folder. Returns the answer as JSON carries it; raises FunctionError."""
        function = self._by_name[name]
        with self._one_at_a_time:
            self._invocations += 1
            self._running.append(function)
            try:
                return self._answer(function, event)
            except FunctionError:
                raise
            except Exception as error:
                raise _as_function_error(error) from error
            except BaseException as death:
                if death is not self._killed_by and not isinstance(death, SystemExit):
                    raise  # Somebody wants this process to end, not the function's.
                self._environments.pop(function.name, None)
                raise FunctionError("Runtime.ExitError", f"the environment died: {death!r}") from death
            finally:
                self._running.pop()

    def observe(self, moment: Moment, operation: str) -> None:
        """Tell the observer of a call, when it was made inside an invocation."""
        if self.on_call is None or not self._running:
            return
        try:
            self.on_call(self._running[-1].folder, moment, operation)
        except BaseException as death:
            self._killed_by = death
            raise

    def answer_invoke(self, client: BaseClient, parameters: dict[str, Any]) -> dict[str, Any]:
        """Lambda's Invoke, from an SDK or a state machine."""
        name = parameters["FunctionName"]
        if name not in self._by_name:
            raise client_error(client, "Invoke", "ResourceNotFoundException", f"Function not found: {name}")
        answer: dict[str, Any] = {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
        try:
            result = json.dumps(self.invoke(name, json.loads(parameters.get("Payload") or b"{}"))).encode()
        except FunctionError as error:
            answer["FunctionError"] = "Unhandled"
            result = error.payload()
        return answer | {"Payload": io.BytesIO(result)}

    def _answer(self, function: DeployedFunction, event: Any) -> Any:  # noqa: ANN401
        handler = self._environments.get(function.name)
        if handler is None:
            handler = self._environments[function.name] = import_handler(function)
        log = logger.registered_handler.stream  # type: ignore[attr-defined]
        with redirect_stdout(log):  # as on Lambda, where figures for alarms are lines of the log
            text = json.dumps(handler(event, self._context(function)))
        if len(text) > _PAYLOAD_LIMIT_BYTES:
            raise FunctionError("Function.ResponseSizeTooLarge", f"the answer has {len(text)} bytes")
        return json.loads(text)

    def _context(self, function: DeployedFunction) -> InvocationContext:
        return InvocationContext(
            function_name=function.name,
            invoked_function_arn=function.arn,
            memory_limit_in_mb=function.memory_mib,
            aws_request_id=str(uuid5(NAMESPACE_OID, f"{function.arn}/{self._invocations}")),
            remaining_milliseconds=function.timeout_seconds * 1000,
        )


def import_handler(function: DeployedFunction) -> Callable[[Any, InvocationContext], Any]:
    """Import a function's modules anew, under its environment. Raises FunctionError for what goes wrong in them."""
    package = function.module.rpartition(".")[0]
    for module in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[module]
    with _environment_of(function):
        try:
            module_of_handler = importlib.import_module(function.module)
        except Exception as error:
            raise _as_function_error(error) from error
    handler: Callable[[Any, InvocationContext], Any] = getattr(module_of_handler, function.handler.rpartition(".")[2])
    return handler


@contextmanager
def _environment_of(function: DeployedFunction) -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if name.startswith(_KEPT_VARIABLES)}
    own = {"AWS_LAMBDA_FUNCTION_NAME": function.name, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mib)}
    with patch.dict(os.environ, kept | own | dict(function.variables), clear=True):
        yield


def _as_function_error(error: Exception) -> FunctionError:
    trace = tuple(traceback.format_tb(error.__traceback__))
    return FunctionError(type(error).__name__, str(error), trace)
