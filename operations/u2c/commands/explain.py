"""u2c explain: where an amount came from, or where an event went, with the arithmetic of each step."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from operations.u2c.commands.faults import show_faults
from operations.u2c.explain import NothingToExplainError, explain
from operations.u2c.invocation import command_line


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser(
        "explain",
        help="show the chain and the arithmetic behind an event, an invoice line or an ERP document",
        description=__doc__,
        epilog="exit status: 0 explained, 1 the results have no such id, 2 they or the id cannot be used",
    )
    parser.add_argument("id", help="event id, invoice id or number, line id, external reference or ERP number")
    parser.add_argument(
        "--out", type=Path, default=Path("out/demo"), metavar="DIR", help="results of a run (default: out/demo)"
    )
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    console = Console(markup=False)
    if not (arguments.out / "lineage.jsonl").exists():
        hint = f"start one with {command_line('run')} or {command_line('demo')}"
        show_faults([f"{arguments.out} holds no results of a run; {hint}"], console)
        return 2
    if not arguments.id:
        show_faults(["the id is empty"], console)
        return 2
    try:
        explain(arguments.id, folder=arguments.out, console=console)
    except NothingToExplainError:
        known = "invoices.jsonl, postings.jsonl and lineage.jsonl name what can be explained"
        show_faults([f"nothing in {arguments.out} has the id {arguments.id!r}; its {known}"], console)
        return 1
    return 0
