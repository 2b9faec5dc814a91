"""Moto's state machine engine, made to run without waiting and to say when an execution waits or ends."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any, Protocol

import boto3
from moto.stepfunctions.parser import utils
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackEndpoint,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
    CallbackPoolManager,
)
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import boto_client
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from operations.local.patching import replaced

_add_token = CallbackPoolManager.add
_terminated = BaseExecutionWorkerCommunication.terminated
# A parsed definition keeps no state of an execution, and parsing costs more than running.
_parse = lru_cache(maxsize=64)(AmazonStateLanguageParser.parse)


class ExecutionListener(Protocol):
    """Hears of the one execution that runs. Calls come from the engine's threads."""

    def token_made(self, token: str, endpoint: CallbackEndpoint) -> None: ...

    def waiting_for(self, token: str, *, time_out: timedelta | None) -> None: ...

    def execution_ended(self) -> None: ...


@contextmanager
def state_machine_engine(listener: ExecutionListener) -> Iterator[None]:
    """Retry at once, and wait for a token until it is answered or `give_up` is called."""

    def add_token(pool: CallbackPoolManager, token: str) -> CallbackEndpoint:
        endpoint = _add_token(pool, token)
        listener.token_made(token, endpoint)
        return endpoint

    def wait(endpoint: CallbackEndpoint, timeout: float | None = None) -> Any:  # noqa: ANN401 - moto's outcome
        listener.waiting_for(endpoint.callback_id, time_out=None if timeout is None else timedelta(seconds=timeout))
        endpoint._notify_event.wait()  # noqa: SLF001 - the wait itself, without its wall-clock limit
        return endpoint.get_outcome()

    def terminated(communication: BaseExecutionWorkerCommunication) -> None:
        _terminated(communication)
        listener.execution_ended()

    with ExitStack() as stack:
        stack.enter_context(_quiet_engine())
        for owner, name, value in (
            (AmazonStateLanguageParser, "parse", staticmethod(_parse)),
            (boto_client, "boto3", SimpleNamespace(client=_cached_clients())),
            (retrier_decl, "time", SimpleNamespace(sleep=lambda _seconds: None)),
            (CallbackPoolManager, "add", add_token),
            (CallbackEndpoint, "wait", wait),
            (BaseExecutionWorkerCommunication, "terminated", terminated),
        ):
            stack.enter_context(replaced(owner, name, value))
        yield
        utils.TMP_THREADS.clear()


@contextmanager
def _quiet_engine() -> Iterator[None]:
    """Keep the engine from writing failed executions to standard error: each is an event that somebody gets."""
    logger = logging.getLogger("moto.stepfunctions")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def answer(endpoint: CallbackEndpoint, *, output: str) -> None:
    endpoint.notify(CallbackOutcomeSuccess(callback_id=endpoint.callback_id, output=output))


def refuse(endpoint: CallbackEndpoint, *, error: str | None, cause: str | None) -> None:
    endpoint.notify(CallbackOutcomeFailure(callback_id=endpoint.callback_id, error=error, cause=cause))


def give_up(endpoint: CallbackEndpoint) -> None:
    """End the wait for a token: the state times out."""
    endpoint.interrupt_all()


def stop(state_machine_arn: str, name: str) -> None:
    """Abort an execution. One that waits for a token has to be woken afterwards with `give_up`."""
    for execution in _machine(state_machine_arn).executions:
        if execution.name == name:
            execution.stop(stop_date=datetime.now(UTC), error=None, cause=None)


def forget(state_machine_arn: str, name: str) -> None:
    """Let an execution name be used again."""
    machine = _machine(state_machine_arn)
    machine.executions = [execution for execution in machine.executions if execution.name != name]


def _machine(state_machine_arn: str) -> Any:  # noqa: ANN401 - moto's own model
    _, _, _, region, account, *_ = state_machine_arn.split(":")
    return stepfunctions_parser_backends[account][region].describe_state_machine(state_machine_arn)


def _cached_clients() -> Any:  # noqa: ANN401 - a client of any service
    @cache
    def client_for(service_name: str, region_name: str) -> Any:  # noqa: ANN401
        return boto3.client(service_name, region_name=region_name)  # type: ignore[call-overload]

    def client(*, service_name: str, region_name: str, **_others: object) -> Any:  # noqa: ANN401
        return client_for(service_name, region_name)

    return client
