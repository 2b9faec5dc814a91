"""u2c backfill shows what people wrote as they wrote it."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import EndpointConnectionError
from rich.console import Console

from operations.u2c.commands.backfill import DONE, STOPPED, act, register
from shared.domain.backfill.backfill import Backfill, BackfillState, Decision
from shared.domain.replay.progress import ReplayProgress

NOW = Decision(by="clara", at=datetime(2026, 4, 2, 8, 15, tzinfo=UTC))


def every() -> Iterator[Backfill]:
    yield Backfill(
        backfill_id="gateway",
        state=BackfillState.OPENED,
        opened=NOW,
        reason="[ops-17] the gateway [/v2] was silent",
        ended=None,
        progress=ReplayProgress(),
    )


def test_a_reason_may_hold_brackets() -> None:
    parser, printed = ArgumentParser(), StringIO()
    register(parser.add_subparsers())
    desk: Any = SimpleNamespace(backfills=SimpleNamespace(every=every))

    assert act(parser.parse_args(["backfill", "list"]), desk, NOW, Console(file=printed, width=200)) == DONE
    assert "gateway opened: [ops-17] the gateway [/v2] was silent" in printed.getvalue()


def test_where_there_is_none_it_says_so() -> None:
    parser, printed = ArgumentParser(), StringIO()
    register(parser.add_subparsers())
    desk: Any = SimpleNamespace(backfills=SimpleNamespace(every=lambda: iter(())))

    assert act(parser.parse_args(["backfill", "list"]), desk, NOW, Console(file=printed, width=200)) == DONE
    assert printed.getvalue() == "There is no backfill.\n"


def unreached() -> Iterator[Backfill]:
    raise EndpointConnectionError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com/")


def test_what_stops_half_way_is_told_to_go_on() -> None:
    parser, printed = ArgumentParser(), StringIO()
    register(parser.add_subparsers())
    desk: Any = SimpleNamespace(backfills=SimpleNamespace(every=unreached))

    assert act(parser.parse_args(["backfill", "list"]), desk, NOW, Console(file=printed, width=200)) == STOPPED
    assert printed.getvalue().startswith("it stopped, and goes on when it is asked for again: AWS does not answer")
