"""u2c catalog check: name every fault of a catalogue folder by file, line and path."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from operations.catalog.load import load_catalog
from operations.u2c.commands.faults import show_faults
from shared.domain.master_data.catalog import Catalog


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser("catalog", help="check a catalogue folder", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser("check", help="name every fault; exit status 0 or 2")
    check.add_argument("folder", type=Path, nargs="+", help="catalogue folder; further ones are read on top of it")
    check.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    result = load_catalog(*arguments.folder)
    if isinstance(result, Catalog):
        console.print(
            f"No fault. Legal entities: {len(result.legal_entities)}, customers: {len(result.customers)}, "
            f"contracts: {len(result.contracts)}, plans: {len(result.plans)}, meters: {len(result.meters)}."
        )
        return 0
    show_faults(map(str, result), console)
    return 2
