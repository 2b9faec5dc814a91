"""Postings that their ERP has refused.

repair shows what would be sent in the place of a refused invoice or credit memo, composed anew by what is published
now, and how it differs; --send does it. Works on the deployment in the AWS account of the environment's credentials.
"""

import argparse
import getpass
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError
from rich.console import Console

from operations.u2c.commands.faults import show_faults
from operations.u2c.invoked import InvocationFailedError, Invoke, invoker
from operations.u2c.stack_outputs import OutputMissingError, stack_outputs
from shared.contracts.posting_repair import RepairPostingEvent

DONE, REFUSED, UNUSABLE_REQUEST = 0, 1, 2

EPILOG = """\
First mend what the exception names: the mapping, the customer, the closed period of
the catalogue, or the ERP itself. Whoever has booked the document in the ERP by hand,
with our key as its reference, has it taken over by the same command.

exit status:
  0  shown, sent, or taken over
  1  refused, with the reason; nothing was sent
  2  the request cannot be used

for example:
  u2c posting repair c-acme/2026-03
  u2c posting repair c-acme/2026-03 --send
  u2c posting repair c-acme/2026-03/r1/credit/sla-7 --send
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser("posting", help="postings that their ERP has refused", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    repairing = actions.add_parser(
        "repair",
        help="send a refused invoice or credit memo again, composed anew",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    repairing.add_argument(
        "document", metavar="DOCUMENT", help="invoice, credit note, or posting as the exception names it"
    )
    repairing.add_argument("--send", action="store_true", help="do it; otherwise it is only shown")
    repairing.add_argument("--by", metavar="NAME", default=getpass.getuser(), help="who asks")
    repairing.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    try:
        event = event_of(arguments)
        return repair(event, invoker(stack_outputs()["RepairPostingFunctionName"]), console)
    except ValidationError as invalid:
        show_faults((f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in invalid.errors()), console)
    except (OutputMissingError, InvocationFailedError, BotoCoreError, ClientError) as error:
        show_faults([str(error)], console)
    return UNUSABLE_REQUEST


def event_of(arguments: argparse.Namespace) -> Mapping[str, Any]:
    """Return the function's event. Raises ValidationError for what it would refuse."""
    event = RepairPostingEvent(document=arguments.document, asked_by=arguments.by, send=arguments.send)
    return event.model_dump(mode="json")


def repair(event: Mapping[str, Any], invoke: Invoke, console: Console) -> int:
    """Invoke, show the answer, and return the exit status."""
    answer = invoke(event)
    if answer["outcome"] == "refused":
        show_faults([answer["reason"]], console)
        return REFUSED
    for line in _lines(answer, is_sent=event["send"]):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return DONE


def _lines(answer: Mapping[str, Any], *, is_sent: bool) -> list[str]:
    number, posting = answer["number"], answer["posting_id"]
    if answer["outcome"] == "adopted":
        done = "is taken over" if is_sent else "would be taken over"
        told = [f"{posting}: {number} {done} as {answer['erp_number']} of the ERP, which has it with our key"]
        told += [f"  differs: {answer['differs']}"] if answer["differs"] else []
    else:
        refused = answer["refused"]
        told = [
            f"{refused['posting_id']} was refused: {refused['reason']}",
            f"{posting}: {number} {'is sent' if is_sent else 'would be sent'} in its place",
            f"  posting date {answer['posting_date']}, accounting period {answer['accounting_period']}",
            f"  net {answer['net']}, tax {answer['tax']}, gross {answer['gross']}, our key {answer['external_ref']}",
            *(f"  {difference}" for difference in answer["differences"]),
        ]
        if not answer["differences"]:
            told.append("  it says the same as the refused one; names in the ERP are those of today's catalogue")
    return told if is_sent else [*told, "nothing is sent; --send does"]
