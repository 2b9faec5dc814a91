"""Postings that their ERP has refused.

repair sends another in the place of a refused invoice, credit memo or journal; mark-posted takes one for posted that
finance has booked in the ERP by hand; cancel gives one up. Each shows what would come of it; --send does it. Works on
the deployment in the AWS account of the environment's credentials.
"""

import argparse
import getpass
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from rich.console import Console

from operations.u2c.aws_faults import AWS_FAULTS, why
from operations.u2c.commands.faults import in_words, show_faults
from operations.u2c.invoked import Invoke, invoker
from operations.u2c.stack_outputs import stack_outputs
from shared.contracts.posting_repair import remedy_event
from shared.domain.posting.document import DocumentKind

DONE, REFUSED, UNUSABLE_REQUEST = 0, 1, 2

EPILOG = """\
First mend what the exception names: the mapping, the customer, the closed period of
the catalogue, or the ERP itself. Whoever has booked the document in the ERP by hand,
with our key as its reference, has it taken over by repair; without our key, by
mark-posted. A cancelled invoice is to be voided then; what is voided is billed anew,
unless the catalogue ends its contract before it.

exit status:
  0  shown, or done
  1  refused, with the reason; nothing was done
  2  the request cannot be used

for example:
  u2c posting repair c-acme/2026-03
  u2c posting repair c-acme/2026-03/r1/credit/sla-7 --send
  u2c posting mark-posted c-acme/2026-03 --number SI-4711 --erp-key 98001 --send
  u2c posting cancel c-acme/2026-03 --reason "the customer is insolvent" --send
"""
_TYPED = {
    "document": "DOCUMENT",
    "asked_by": "--by",
    "number": "--number",
    "erp_key": "--erp-key",
    "reason": "--reason",
}
_REQUESTED = ("number", "erp_key", "unverified", "reason")


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser("posting", help="postings that their ERP has refused", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    _remedy(actions, "repair", "send a refused document again, composed anew")
    marking = _remedy(actions, "mark-posted", "take a refused document for posted that was booked by hand")
    marking.add_argument("--number", required=True, help="what the ERP calls it")
    marking.add_argument("--erp-key", default="", metavar="KEY", help="the ERP's own key of it, to look it up by")
    marking.add_argument("--unverified", action="store_true", help="the ERP cannot be asked: take it on my word")
    cancelling = _remedy(actions, "cancel", "give up a refused or unsent document that the ERP does not have")
    cancelling.add_argument("--reason", required=True, help="why it is given up")


def _remedy(actions: Any, name: str, does: str) -> argparse.ArgumentParser:  # noqa: ANN401 - see above
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=does, description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = "invoice, credit note, journal=ID, or posting as the exception names it in posting_id"
    parser.add_argument("document", metavar="DOCUMENT", help=names)
    parser.add_argument("--send", action="store_true", help="do it; otherwise it is only shown")
    parser.add_argument("--by", metavar="NAME", default=getpass.getuser(), help="who asks")
    parser.set_defaults(execute=execute, remedy=name.replace("-", "_"))
    return parser


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    try:
        event = event_of(arguments)
        return ask(event, invoker(stack_outputs()["RepairPostingFunctionName"]), console)
    except ValidationError as invalid:
        show_faults(in_words(invalid, _TYPED), console)
    except AWS_FAULTS as error:
        show_faults([why(error)], console)
    return UNUSABLE_REQUEST


def event_of(arguments: argparse.Namespace) -> Mapping[str, Any]:
    """Return the function's event. Raises ValidationError for what it would refuse."""
    asked = {name: getattr(arguments, name) for name in _REQUESTED if hasattr(arguments, name)}
    common = {"document": arguments.document, "asked_by": arguments.by, "send": arguments.send}
    return remedy_event({"remedy": arguments.remedy, **common, **asked}).model_dump(mode="json")


def ask(event: Mapping[str, Any], invoke: Invoke, console: Console) -> int:
    """Invoke, show the answer, and return the exit status."""
    answer = invoke(event)
    if answer["outcome"] == "refused":
        show_faults([answer["reason"]], console)
        return REFUSED
    for line in _lines(answer, is_sent=event["send"]):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return DONE


def _lines(answer: Mapping[str, Any], *, is_sent: bool) -> list[str]:
    is_repeat = answer["is_repeat"]
    done = "is" if is_sent or is_repeat else "would be"
    match answer["outcome"]:
        case "adopted":
            told = _adopted(answer, done)
        case "cancelled":
            told = [f"{answer['posting_id']}: {answer['number']} {done} {answer['reason']}"]
            told.append("  it is issued all the same: an invoice is to be voided, a journal is not to be missed")
        case _:
            told = _replaced(answer, f"{done} sent")
    if is_repeat:
        return [*told, "it was done before; nothing was done now"]
    return told if is_sent else [*told, "nothing is done; --send does it"]


def _adopted(answer: Mapping[str, Any], done: str) -> list[str]:
    number, posting, there = answer["number"], answer["posting_id"], answer["erp_number"]
    if answer["verified"]:
        told = [f"{posting}: {number} {done} taken over as {there} of the ERP, which has it"]
        told += [f"  differs: {answer['differs']}"] if answer["differs"] else []
    else:
        told = [f"{posting}: {number} {done} {answer['differs']}", "  the ERP was not seen to have it"]
        if answer["kind"] == DocumentKind.INVOICE:
            told.append("  without the ERP's own key it is not credited here: mark-posted --erp-key adds that later")
    has_our_key = answer.get("has_our_key", True)  # not told by an older deployment
    if not has_our_key and answer.get("kind") != DocumentKind.JOURNAL:
        key = answer["external_ref"]
        told.append(f"  without our key {key} as its reference there nobody hears here what is paid or voided of it")
    return told


def _replaced(answer: Mapping[str, Any], done: str) -> list[str]:
    refused = answer["refused"]
    told = [
        f"{refused['posting_id']} was refused: {refused['reason']}",
        f"{answer['posting_id']}: {answer['number']} {done} in its place",
        f"  posting date {answer['posting_date']}, accounting period {answer['accounting_period']}",
        f"  net {answer['net']}, tax {answer['tax']}, gross {answer['gross']}, our key {answer['external_ref']}",
        *(f"  {difference}" for difference in answer["differences"]),
    ]
    if not answer["differences"]:
        told.append("  it says the same as the refused one; names in the ERP are those of today's catalogue")
    return told
