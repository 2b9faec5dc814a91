"""What StartExecution of a Standard state machine does with names."""

from datetime import UTC, datetime, timedelta

import pytest

from operations.local.executions import (
    Execution,
    ExecutionNameInvalidError,
    ExecutionNames,
    ExecutionNameTakenError,
    ExecutionStatus,
)

NOW = datetime(2026, 2, 1, tzinfo=UTC)
MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:invoice-lifecycle"


def start(names: ExecutionNames, name: str = "acme-2026-01", text: str = "{}", at: datetime = NOW) -> Execution:
    return names.start(machine_arn=MACHINE, name=name, input_text=text, now=at)[0]


def end(execution: Execution) -> None:
    execution.status, execution.ended_at = ExecutionStatus.ENDED, NOW


def test_same_name_and_input_while_it_runs_is_the_same_execution() -> None:
    names = ExecutionNames()

    assert start(names) is start(names)


def test_same_name_with_another_input_is_refused() -> None:
    names = ExecutionNames()
    start(names)

    with pytest.raises(ExecutionNameTakenError):
        start(names, text='{"revision": 2}')


def test_a_closed_name_is_refused_even_with_the_same_input() -> None:
    names = ExecutionNames()
    end(start(names))

    with pytest.raises(ExecutionNameTakenError):
        start(names, at=NOW + timedelta(days=90))


def test_a_name_is_free_again_after_ninety_days() -> None:
    names = ExecutionNames()
    first = start(names)
    end(first)

    assert start(names, at=NOW + timedelta(days=90, seconds=1)) is not first


def test_machines_do_not_share_names() -> None:
    names = ExecutionNames()
    first = start(names)

    other, is_new = names.start(machine_arn=f"{MACHINE}-2", name=first.name, input_text='{"a": 1}', now=NOW)

    assert is_new
    assert other.arn != first.arn


@pytest.mark.parametrize("name", ["", "a" * 81, "acme/2026", "acme 2026", "acme#1", "a*", "[a]", "a\n"])
def test_an_illegal_name_is_refused(name: str) -> None:
    with pytest.raises(ExecutionNameInvalidError):
        start(ExecutionNames(), name=name)


@pytest.mark.parametrize("name", ["a" * 80, "acme-2026_01.r1"])
def test_a_legal_name_is_taken(name: str) -> None:
    assert start(ExecutionNames(), name=name).name == name
