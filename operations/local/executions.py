"""Names of state machine executions: what StartExecution of a Standard machine accepts, answers again, or refuses."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

_NAME_KEPT = timedelta(days=90)
_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")
INPUT_LIMIT_BYTES = 262_144


class ExecutionStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    ENDED = "ended"


@dataclass(slots=True, kw_only=True)
class Execution:
    machine_arn: str
    name: str
    input: str
    started_at: datetime
    status: ExecutionStatus = ExecutionStatus.QUEUED
    ended_at: datetime | None = None
    waits_for: str | None = None
    wait_ends_at: datetime | None = None

    @property
    def arn(self) -> str:
        return f"{self.machine_arn.replace(':stateMachine:', ':execution:')}:{self.name}"


class ExecutionNameTakenError(Exception):
    """An execution of this name is closed, or runs with another input."""


class ExecutionNameInvalidError(ValueError):
    """1 to 80 characters, none of them white space, brackets, wildcards or special characters."""


@dataclass(slots=True)
class ExecutionNames:
    _by_arn: dict[str, Execution] = field(default_factory=dict)

    def start(self, *, machine_arn: str, name: str, input_text: str, now: datetime) -> tuple[Execution, bool]:
        """Answer the execution of this name, and whether it is new.

        While it runs, the same name with the same input is the same execution. A closed name is refused for 90 days.
        Raises ExecutionNameTakenError, ExecutionNameInvalidError.
        """
        if not _NAME.fullmatch(name):
            raise ExecutionNameInvalidError(name)
        execution = Execution(machine_arn=machine_arn, name=name, input=input_text, started_at=now)
        earlier = self._by_arn.get(execution.arn)
        if earlier is not None and not _is_forgotten(earlier, now):
            if earlier.ended_at is None and earlier.input == input_text:
                return earlier, False
            raise ExecutionNameTakenError(execution.arn)
        self._by_arn[execution.arn] = execution
        return execution, True

    def find(self, arn: str) -> Execution | None:
        return self._by_arn.get(arn)

    def waiting(self) -> list[Execution]:
        return [each for each in self._by_arn.values() if each.status is ExecutionStatus.WAITING]


def _is_forgotten(execution: Execution, now: datetime) -> bool:
    return execution.ended_at is not None and now - execution.ended_at > _NAME_KEPT
