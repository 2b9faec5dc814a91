"""u2c replay asks for what the function takes, goes on until it is done, and says what came of it."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from pydantic import ValidationError
from rich.console import Console

from operations.u2c.__main__ import main
from operations.u2c.commands.replay import (
    NOTHING_FAILED,
    SOMETHING_FAILED,
    STOPPED,
    UNUSABLE_REQUEST,
    register,
    replay,
    request_of,
)
from operations.u2c.invoked import InvocationFailedError

NOW = datetime(2026, 4, 2, 8, 15, tzinfo=UTC)
MARCH = ("--arrived-from", "2026-03-01", "--arrived-until", "2026-04-01")
DONE: dict[str, Any] = {"finished": True, "reached": "", "found": 0, "published": 0, "unchanged": 0, "failed": {}}


def parsed(*arguments: str) -> Namespace:
    parser = ArgumentParser(exit_on_error=False)
    register(parser.add_subparsers())
    return parser.parse_args(["replay", *arguments])


def test_dates_are_midnights_and_a_new_replay_is_named_by_the_time() -> None:
    assert request_of(parsed(*MARCH), NOW) == {
        "replay_id": "replay-20260402T081500Z",
        "arrived": {"from": "2026-03-01T00:00:00.000000Z", "until": "2026-04-01T00:00:00.000000Z"},
        "filter": {},
        "dry_run": False,
    }


def test_everything_that_narrows_is_handed_over() -> None:
    narrowing = ("--customer", "acme", "--contract", "storage:2", "--reason", "UNKNOWN_CONTRACT_VERSION")
    times = ("--occurred-from", "2026-03-05T12:00:00+02:00", "--occurred-until", "2026-03-06")

    assert request_of(parsed(*MARCH, *narrowing, *times, "--dry-run", "--id", "r1"), NOW) == {
        "replay_id": "r1",
        "arrived": {"from": "2026-03-01T00:00:00.000000Z", "until": "2026-04-01T00:00:00.000000Z"},
        "filter": {
            "occurred": {"from": "2026-03-05T10:00:00.000000Z", "until": "2026-03-06T00:00:00.000000Z"},
            "customer": "acme",
            "contract": "storage:2",
            "reason": "UNKNOWN_CONTRACT_VERSION",
        },
        "dry_run": True,
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("--arrived-from", "2026-04-01", "--arrived-until", "2026-03-01"),
        (*MARCH, "--occurred-from", "2026-03-05"),
        (*MARCH, "--contract", "storage"),
        (*MARCH, "--id", "../r1"),
    ],
)
def test_what_the_function_would_refuse_is_not_asked_for(arguments: tuple[str, ...]) -> None:
    with pytest.raises((ValueError, ValidationError)):
        request_of(parsed(*arguments), NOW)


def test_a_name_that_no_replay_can_have_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", *MARCH, "--id", "../r1", "--customer", ""]) == UNUSABLE_REQUEST

    assert capsys.readouterr().out.splitlines() == [
        "--id: '../r1' is not letters, digits, dots, dashes and underscores, 100 at most, a letter or a digit first",
        "--customer: is empty",
    ]


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01", "2026-03-01T10:00:00", "0001-01-01T00:00:00+02:00"])
def test_a_time_that_does_not_exist_is_refused_in_words(time: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("--arrived-from", time, "--arrived-until", "2026-04-01")

    assert f"{time!r} is no date" in capsys.readouterr().err


def test_a_reason_that_there_is_not_is_answered_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(*MARCH, "--reason", "TOO_LATE")

    assert "choose from 'MALFORMED_JSON', 'NOT_A_CLOUD_EVENT'" in capsys.readouterr().err


def test_the_fault_of_a_request_is_named_by_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", *MARCH, "--contract", "storage"]) == UNUSABLE_REQUEST
    assert capsys.readouterr().out == "--contract: 'storage' is not NAME:VERSION, as storage:2\n"


def test_it_goes_on_until_it_is_done() -> None:
    halfway = DONE | {"finished": False, "reached": "2026-03-10/shard/7", "found": 2, "published": 2}
    done = DONE | {"found": 3, "published": 2, "failed": {"CONTRACT_VIOLATION": 1}}
    answers, printed = iter([halfway, done]), StringIO()

    status = replay({"replay_id": "r1"}, lambda _: next(answers), Console(file=printed, width=120))

    assert status == SOMETHING_FAILED
    assert printed.getvalue().splitlines() == [
        "replay r1",
        "found 2: published 2, unchanged 0, failed 0, reached 2026-03-10/shard/7",
        "found 3: published 2, unchanged 0, failed 1 CONTRACT_VIOLATION",
    ]


def test_nothing_that_failed_is_success() -> None:
    assert replay({"replay_id": "r1"}, lambda _: DONE, Console(quiet=True)) == NOTHING_FAILED


def test_one_that_stops_says_how_to_go_on() -> None:
    def fail(_event: Mapping[str, Any]) -> dict[str, Any]:
        raise InvocationFailedError("Sandbox.Timedout: after 900 seconds")

    printed = StringIO()

    assert replay({"replay_id": "r1"}, fail, Console(file=printed, width=200)) == STOPPED
    assert "replay --id r1" in printed.getvalue()
