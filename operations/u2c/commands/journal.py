"""Journals that finance books by way of the outbox: accruals, reversals, reclassifications.

post reads one from a YAML file and shows what would come of it; --send stores it, for somebody else to decide on. Works
on the deployment in the AWS account of the environment's credentials.
"""

import argparse
import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console

from operations.u2c.aws_faults import AWS_FAULTS, why
from operations.u2c.commands.faults import in_words, show_faults, unreadable
from operations.u2c.invoked import Invoke, invoker
from operations.u2c.journal_file import SHAPES, UnusableJournalError, read_journal
from operations.u2c.stack_outputs import stack_outputs
from shared.contracts.journal import journal_event

DONE, REFUSED, UNUSABLE_REQUEST = 0, 1, 2

_TYPED = {"prepared_by": "--by", "decided_by": "--by", "reason": "--reason", "journal_id": ""}

EPILOG = """\
Whoever prepares a journal does not decide on it: an approver of its legal entity does.
Approved, it is posted like every document; a reversal waits for its original.

exit status:
  0  shown, stored, or decided
  1  refused, with the reason; nothing was stored
  2  the file or the request cannot be used

for example:
  u2c journal post accrual.yaml
  u2c journal post accrual.yaml --send
  u2c journal decide accrual-2026-10 approve --by clara@nimbus.example
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser("journal", help="journals of finance, posted to the ERP", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    shared = {"description": __doc__, "epilog": EPILOG, "formatter_class": argparse.RawDescriptionHelpFormatter}
    posting = actions.add_parser("post", help="prepare a journal", **shared)
    posting.add_argument("file", metavar="FILE", type=Path, help="the journal, as YAML or JSON")
    posting.add_argument("--send", action="store_true", help="store it; otherwise it is only shown")
    deciding = actions.add_parser("decide", help="approve or reject a prepared journal", **shared)
    deciding.add_argument("journal", metavar="ID", help="of the journal, as its file names it")
    deciding.add_argument("decision", choices=("approve", "reject"))
    deciding.add_argument("--reason", default="", metavar="TEXT", help="why, for whoever asks later")
    for action, who, event_of in ((posting, "prepares it", prepared_event), (deciding, "decides", decided_event)):
        action.add_argument("--by", metavar="NAME", default=getpass.getuser(), help=f"who {who}")
        action.set_defaults(execute=execute, event_of=event_of)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    try:
        event = arguments.event_of(arguments)
        return ask(event, invoker(stack_outputs()["RecordJournalFunctionName"]), console)
    except ValidationError as invalid:
        show_faults(in_words(invalid, _TYPED, shapes=SHAPES), console)
    except UnusableJournalError as unusable:
        show_faults(unusable.args, console)
    except AWS_FAULTS as error:
        show_faults([why(error)], console)
    except OSError as error:
        show_faults([unreadable(error)], console)
    return UNUSABLE_REQUEST


def prepared_event(arguments: argparse.Namespace) -> Mapping[str, Any]:
    """Return the function's event. Raises UnusableJournalError or OSError for a file that it would refuse."""
    event = {
        "act": "prepare",
        "journal": read_journal(arguments.file),
        "prepared_by": arguments.by,
        "send": arguments.send,
    }
    return journal_event(event).model_dump(mode="json")


def decided_event(arguments: argparse.Namespace) -> Mapping[str, Any]:
    """Return the function's event. Raises ValidationError for what it would refuse."""
    event = {
        "act": "decide",
        "journal_id": arguments.journal,
        "approved": arguments.decision == "approve",
        "decided_by": arguments.by,
        "reason": arguments.reason,
    }
    return journal_event(event).model_dump(mode="json")


def ask(event: Mapping[str, Any], invoke: Invoke, console: Console) -> int:
    """Invoke, show the answer, and return the exit status."""
    answer = invoke(event)
    if answer["outcome"] == "refused":
        show_faults([answer["reason"]], console)
        return REFUSED
    for line in _lines(answer, is_shown=event.get("send") is False):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return DONE


def _lines(answer: Mapping[str, Any], *, is_shown: bool) -> list[str]:
    booked = f"{answer['lines']} lines of {answer['amount']} in {answer['accounting_period']}"
    told = [f"{answer['journal_id']}: {booked}, our key {answer['external_ref']}"]
    match answer["outcome"]:
        case "awaiting_approval":
            told.append(f"  {'would wait' if is_shown else 'waits'} for {answer['approver']}")
        case "approved":
            told.append(f"  approved: {answer['posting_id']} is in the outbox")
        case outcome:
            told.append(f"  {outcome}")
    return [*told, "nothing is stored; --send does it"] if is_shown else told
