"""Show what became of a bill run, or approve one that ties.

Works on the deployment in the AWS account of the environment's credentials, by the function record_bill_runs.
"""

import argparse
from collections import defaultdict
from typing import Any

from rich.console import Console
from rich.table import Table

from operations.u2c.aws_faults import AWS_FAULTS, why
from operations.u2c.commands.faults import show_faults
from operations.u2c.invoked import Invoke, invoker
from operations.u2c.stack_outputs import stack_outputs
from shared.contracts.bill_run_record import read_reply
from shared.domain.invoicing.bill_run_record import UNSETTLED, BillRunEnd, BillRunRecord, faults_of

TIES, DOES_NOT_TIE, REFUSED = 0, 1, 2

EPILOG = """\
exit status: 0 it ties; 1 it does not; 2 there is no such bill run, or its
approval is refused

for example:
  u2c bill-run show
  u2c bill-run approve bill-run-2026-11-02T06:00:00.000000Z --by dana@nimbus.example
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser(
        "bill-run",
        help="what became of a bill run, and its approval",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    showing = actions.add_parser("show", help="work out and show what became of a bill run")
    showing.add_argument("run", nargs="?", metavar="RUN", help="its name (default: the newest)")
    showing.set_defaults(execute=execute, by="")
    approving = actions.add_parser("approve", help="approve a bill run, and with it every invoice that waits for you")
    approving.add_argument("run", metavar="RUN", help="its name")
    approving.add_argument("--by", required=True, metavar="NAME", help="approver, as the catalogue names them")
    approving.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    try:
        return ask(arguments, invoker(stack_outputs()["RecordBillRunsFunctionName"]), console)
    except AWS_FAULTS as error:
        show_faults([why(error)], console)
    return REFUSED


def ask(arguments: argparse.Namespace, invoke: Invoke, console: Console) -> int:
    """Have the bill run recorded, or approved, show its record, and return the exit status."""
    found = read_reply(invoke({"bill_run_id": arguments.run, "approved_by": arguments.by}))
    if isinstance(found, str):
        show_faults([found], console)
        return REFUSED
    show(found, console)
    return DOES_NOT_TIE if faults_of(found) else TIES


def show(record: BillRunRecord, console: Console) -> None:
    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    say(f"{record.bill_run_id}, as of {record.recorded_at:%Y-%m-%d %H:%M} UTC")
    say(f"selected {record.selected}, built {record.built}; left out because parked before: {record.parked_before}")
    for waited_for in record.waiting_for:
        say(f"not selected, waits for {waited_for}")
    console.print(_table(record))
    for end, name in record.failures:
        say(f"{end}: {name}")
    unsettled = record.count(*UNSETTLED)
    say(f"still to come to an end: {unsettled}" if unsettled else "all accounts are at an end")
    faults = faults_of(record)
    for fault in faults:
        say(f"does not tie: {fault}")
    if not faults:
        say("ties: every account is at one end, and each gross is the sum of its lines and taxes")
    if record.approval is not None:
        say(f"approved by {record.approval.approved_by} at {record.approval.approved_at:%Y-%m-%d %H:%M} UTC")


def _table(record: BillRunRecord) -> Table:
    gross: dict[str, dict[BillRunEnd, str]] = defaultdict(dict)
    for one in record.amounts:
        gross[one.gross.currency.code][one.end] = f"{one.gross.amount:,f}"
    table = Table("", "accounts", *(f"gross {code}" for code in sorted(gross)), box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for end, count in record.ends:
        table.add_row(end.value, str(count), *(gross[code].get(end, "") for code in sorted(gross)))
    return table
