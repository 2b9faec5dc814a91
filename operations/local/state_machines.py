"""Step Functions: executions run one at a time, in the order asked for, until each ends or waits for a task token."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from operations.local.calls import call_aws
from operations.local.clock import SimulatedClock
from operations.local.executions import Execution, ExecutionNames, ExecutionStatus
from operations.local.moto_engine import state_machine_engine as engine

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackEndpoint
    from mypy_boto3_stepfunctions import SFNClient

# Waits are simulated and retries follow at once; only functions at work take time, a quarter of an hour at most each.
_HANGS_AFTER_SECONDS = 3600

TokenAnswer = Callable[["CallbackEndpoint"], None]


class StateMachineHangsError(RuntimeError):
    """An execution neither ended nor waited."""


class TokenClosedError(Exception):
    """The task of this token was answered, timed out, or was tried again with another token."""


class TokenUnknownError(Exception):
    """No task was ever given this token."""


@dataclass(slots=True)
class _Token:
    execution: Execution
    endpoint: "CallbackEndpoint"
    is_open: bool = True


@dataclass(slots=True)
class StateMachines:
    """Runs executions when told to. `ended` gets each final description, as DescribeExecution gives it.

    The engine works on its own threads and reports to the methods at the end; everything else is called by one thread.
    """

    stepfunctions: "SFNClient"
    clock: SimulatedClock
    ended: Callable[[dict[str, Any]], None]
    names: ExecutionNames = field(init=False, default_factory=ExecutionNames)
    _queue: deque[Execution] = field(init=False, default_factory=deque)
    _answers: deque[tuple[_Token, TokenAnswer]] = field(init=False, default_factory=deque)
    _tokens: dict[str, _Token] = field(init=False, default_factory=dict)
    _running: Execution | None = field(init=False, default=None)
    _changed: threading.Condition = field(init=False, default_factory=threading.Condition)

    def start(self, *, machine_arn: str, name: str, input_text: str) -> Execution:
        """Ask for an execution; it runs later. Raises what ExecutionNames.start raises."""
        execution, is_new = self.names.start(
            machine_arn=machine_arn, name=name, input_text=input_text, now=self.clock.now()
        )
        if is_new:
            engine.forget(machine_arn, name)
            self._queue.append(execution)
        return execution

    def answer(self, token: str, answer: TokenAnswer) -> None:
        """Close a token; its execution carries on later. Raises TokenClosedError, TokenUnknownError."""
        with self._changed:
            known = self._tokens.get(token)
            if known is None:
                raise TokenUnknownError
            if not known.is_open:
                raise TokenClosedError
            known.is_open = False
        self._answers.append((known, answer))

    def poll(self) -> bool:
        """Carry on with one execution whose token was answered or whose wait is over, and say whether there was one."""
        if self._answers:
            token, answer = self._answers.popleft()
            self._carry_on(token, answer)
            return True
        now = self.clock.now()
        over = [each for each in self.names.waiting() if each.wait_ends_at is not None and each.wait_ends_at <= now]
        if not over:
            return False
        first = min(over, key=lambda execution: execution.wait_ends_at or now)
        self._carry_on(self._tokens[first.waits_for or ""], engine.give_up)
        return True

    def run_next(self) -> bool:
        """Run the execution that was asked for first, and say whether there was one."""
        if not self._queue:
            return False
        execution = self._queue.popleft()
        parameters = {"stateMachineArn": execution.machine_arn, "name": execution.name, "input": execution.input}
        with self._until_it_waits_or_ends(execution):
            call_aws(self.stepfunctions, "StartExecution", parameters)
        return True

    def stop_all(self) -> None:
        """Abort what waits, so that no thread is left."""
        self._answers.clear()
        for execution in self.names.waiting():
            token = self._tokens[execution.waits_for or ""]
            with self._until_it_waits_or_ends(execution):
                engine.stop(execution.machine_arn, execution.name)
                engine.give_up(token.endpoint)

    def _carry_on(self, token: _Token, answer: TokenAnswer) -> None:
        token.is_open = False
        if self._tokens.get(token.execution.waits_for or "") is not token:
            return  # The task has been tried again since, with another token.
        with self._until_it_waits_or_ends(token.execution):
            answer(token.endpoint)

    @contextmanager
    def _until_it_waits_or_ends(self, execution: Execution) -> Iterator[None]:
        execution.status, execution.waits_for = ExecutionStatus.RUNNING, None
        self._running = execution
        yield
        with self._changed:
            still = (ExecutionStatus.WAITING, ExecutionStatus.ENDED)
            if not self._changed.wait_for(lambda: execution.status in still, timeout=_HANGS_AFTER_SECONDS):
                raise StateMachineHangsError(execution.arn)
        self._running = None
        if execution.status is ExecutionStatus.ENDED:
            self.ended(call_aws(self.stepfunctions, "DescribeExecution", {"executionArn": execution.arn}))

    # What the engine reports, from its threads. Only the running execution can report.

    def token_made(self, token: str, endpoint: "CallbackEndpoint") -> None:
        with self._changed:
            execution = self._the_running_one()
            self._close_tokens_of(execution)
            self._tokens[token] = _Token(execution, endpoint)

    def waiting_for(self, token: str, *, time_out: timedelta | None) -> None:
        with self._changed:
            execution = self._the_running_one()
            execution.waits_for = token
            execution.wait_ends_at = None if time_out is None else self.clock.now() + time_out
            execution.status = ExecutionStatus.WAITING
            self._changed.notify_all()

    def execution_ended(self) -> None:
        with self._changed:
            execution = self._the_running_one()
            self._close_tokens_of(execution)
            execution.ended_at = self.clock.now()
            execution.status = ExecutionStatus.ENDED
            self._changed.notify_all()

    def _the_running_one(self) -> Execution:
        if self._running is None:
            raise StateMachineHangsError("the engine reports an execution that nobody started")
        return self._running

    def _close_tokens_of(self, execution: Execution) -> None:
        for token in self._tokens.values():
            if token.execution is execution:
                token.is_open = False
