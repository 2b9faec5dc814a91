"""u2c demo: a month of Nimbus, a seller of APIs and storage, through everything that usually goes wrong."""

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from operations.u2c.commands import run

SCENARIO = Path(__file__).parents[3] / "events" / "scenarios" / "demo"
FAULTS = {"seed": 7, "throttle": 0.15, "lose_reply": 0.15, "late_commit": 0.05, "server_error": 0.05}

STORY = """\
Nimbus sells an API, storage and seats from Germany (EUR, Business Central)
and the US (USD, NetSuite). This is its March 2026: hybrid plans, duplicates,
late and malformed events, a customer that master data learns of too late, and
two ERPs that throttle, fail, lose replies and commit late.
The ERPs are simulators on this machine. It takes about half a minute.
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser(
        "demo",
        help="run a month in which everything usual goes wrong",
        description=STORY,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--out", type=Path, default=Path("out/demo"), metavar="DIR", help="where the results go (default: out/demo)"
    )
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    """Return 0 when everything ties and is posted, exceptions or not: the demo is meant to have some."""
    console = Console(file=sys.stdout)  # where it is now: functions print into their log
    console.print(STORY)
    arguments.catalog, arguments.events = SCENARIO / "catalog", SCENARIO / "march.jsonl"
    arguments.until, arguments.erp_faults = None, FAULTS
    status = run.read_run_report(arguments, console)
    return 0 if status == run.TIES_WITH_EXCEPTIONS else status
