"""Bring in much usage afterwards, as a unit: open, load, look, then close or revert.

Works on the deployment in the AWS account of the environment's credentials, and records who did what.
"""

import argparse
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from operations.u2c.aws_faults import AWS_FAULTS, why
from operations.u2c.backfill.desk import BackfillDesk
from operations.u2c.backfill.effect import Effect, EffectKey
from operations.u2c.backfill.file_parts import UnusableFileError, check_file
from operations.u2c.commands.faults import show_faults, unreadable
from operations.u2c.invoked import InvocationFailedError
from operations.u2c.stack_outputs import stack_outputs
from shared.contracts.backfill import BACKFILL_ID
from shared.domain.backfill.backfill import Backfill, Decision
from shared.domain.invoicing.invoice import Invoice
from shared.domain.usage.fingerprint import plain_quantity
from shared.ports.backfills import BackfillError

DONE, STOPPED, UNUSABLE = 0, 1, 2


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser(
        "backfill",
        help="bring in much usage afterwards: open, load, look, close or revert",
        description=__doc__,
        epilog="Each step may be done again: after a failure it goes on. Exit status: 0 done, 1 stopped, 2 refused.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    opening = _action(actions, "open", "begin one; nothing counts yet", _open)
    opening.add_argument("--reason", required=True, help="why the usage comes afterwards, for whoever asks")
    loading = _action(actions, "load", "add a file of events; the same file twice is once", _load)
    loading.add_argument("file", type=Path, help="CloudEvents, one JSON object a line, plain or gzipped")
    _action(actions, "look", "show what closing it would change", _look)
    _action(actions, "close", "let it count; nothing takes it back but voids", _close)
    _action(actions, "revert", "end it as if it had never been", _revert)
    listing = actions.add_parser("list", help="show all backfills")
    listing.set_defaults(execute=execute, act=_list)


def _action(actions: Any, name: str, summary: str, act: object) -> argparse.ArgumentParser:  # noqa: ANN401
    action: argparse.ArgumentParser = actions.add_parser(name, help=summary, description=summary)
    action.add_argument("backfill_id", type=_backfill_id, metavar="ID", help="letters, digits, . _ -")
    action.set_defaults(execute=execute, act=act)
    return action


def _backfill_id(text: str) -> str:
    if not re.fullmatch(BACKFILL_ID, text):
        raise argparse.ArgumentTypeError(f"{text!r} cannot name a backfill")
    return text


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    try:
        if file := getattr(arguments, "file", None):
            file.open("rb").close()
        caller = boto3.client("sts").get_caller_identity()["Arn"]
        desk, decision = BackfillDesk(stack_outputs()), Decision(by=caller, at=datetime.now(UTC))
    except AWS_FAULTS as error:
        show_faults([why(error)], console)
        return UNUSABLE
    except OSError as error:
        show_faults([unreadable(error)], console)
        return UNUSABLE
    return act(arguments, desk, decision, console)


def act(arguments: argparse.Namespace, desk: BackfillDesk, decision: Decision, console: Console) -> int:
    """Do what was asked for, or say why not, and return the exit status. `decision` is who asks, and when."""
    try:
        arguments.act(arguments, desk, decision, console)
    except UnusableFileError as unusable:
        show_faults(unusable.args, console)
        return UNUSABLE
    except BackfillError as error:
        show_faults([str(error)], console)
        return UNUSABLE
    except InvocationFailedError as error:
        show_faults([f"it stopped, and goes on when it is closed again: {error}"], console)
        return STOPPED
    except AWS_FAULTS as error:
        show_faults([f"it stopped, and goes on when it is asked for again: {why(error)}"], console)
        return STOPPED
    except OSError as error:
        show_faults([unreadable(error)], console)
        return UNUSABLE
    return DONE


def _open(arguments: argparse.Namespace, desk: BackfillDesk, decision: Decision, console: Console) -> None:
    _show(desk.backfills.open(arguments.backfill_id, decision, arguments.reason), console)


def _load(arguments: argparse.Namespace, desk: BackfillDesk, _decision: Decision, console: Console) -> None:
    backfill = desk.backfills.read(arguments.backfill_id)
    with console.status(f"checking {escape(str(arguments.file))}"):
        events = check_file(arguments.file)
    for loaded in desk.load(backfill.backfill_id, arguments.file):
        console.print(
            f"loaded {loaded.events} of {events} events: part {loaded.parts}, {loaded.known} were there before",
            highlight=False,
        )


def _look(arguments: argparse.Namespace, desk: BackfillDesk, decision: Decision, console: Console) -> None:
    with console.status(f"looking at what {arguments.backfill_id} would change"):
        effect, billed = desk.look(arguments.backfill_id, decision.at)
    console.print(_table(effect, billed))
    console.print(
        f"counted already: {effect.counted_already}, repeated in the backfill: {effect.repeated}, "
        f"corrections: {effect.corrections}, would wait: {_by_code(effect.waiting)}, "
        f"would be refused: {_by_code(effect.refused)}",
        highlight=False,
    )


def _close(arguments: argparse.Namespace, desk: BackfillDesk, decision: Decision, console: Console) -> None:
    for backfill in desk.close(arguments.backfill_id, decision.by):
        counts = backfill.progress.counts
        console.print(
            f"{backfill.state}: found {counts.found}, published {counts.published}, unchanged {counts.unchanged}, "
            f"failed {_by_code(counts.failed)}",
            highlight=False,
        )


def _revert(arguments: argparse.Namespace, desk: BackfillDesk, decision: Decision, console: Console) -> None:
    _show(desk.revert(arguments.backfill_id, decision), console)


def _list(_arguments: argparse.Namespace, desk: BackfillDesk, _decision: Decision, console: Console) -> None:
    backfills = list(desk.backfills.every())
    if not backfills:
        console.print("There is no backfill.")
    for backfill in backfills:
        _show(backfill, console)


def _show(backfill: Backfill, console: Console) -> None:
    ended = (
        f", {backfill.state} by {backfill.ended.by} at {backfill.ended.at:%Y-%m-%dT%H:%MZ}" if backfill.ended else ""
    )
    console.print(
        f"{backfill.backfill_id} {backfill.state}: {backfill.reason} "
        f"(opened by {backfill.opened.by} at {backfill.opened.at:%Y-%m-%dT%H:%MZ}{ended})",
        markup=False,
        highlight=False,
    )


def _table(effect: Effect, billed: Mapping[EffectKey, Invoice]) -> Table:
    table = Table("customer", "contract", "meter", "billing period", "events", "quantity", "invoice")
    for key in sorted(effect.lines):
        invoice = billed.get(key)
        table.add_row(
            key.customer_id,
            key.contract_id,
            key.meter,
            key.period_name,
            str(effect.lines[key][0]),
            plain_quantity(effect.quantity(key)),
            f"adjusts {invoice.number or invoice.invoice_id}" if invoice else "still open",
        )
    return table


def _by_code(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{count} {code}" for code, count in sorted(counts.items())) or "none"
