"""Judge archived usage again by the contracts that are published now, and publish what is admitted.

Works on the deployment in the AWS account of the environment's credentials.
"""

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from rich.console import Console

from operations.u2c.aws_faults import AWS_FAULTS, why
from operations.u2c.commands.faults import in_words, show_faults
from operations.u2c.invocation import command_line
from operations.u2c.invoked import Invoke, invoker
from operations.u2c.stack_outputs import stack_outputs
from shared.contracts.replay import ReplayRequested, replay_event
from shared.domain.time_period import parse_instant
from shared.domain.usage.rejection import REFUSALS

NOTHING_FAILED, STOPPED, UNUSABLE_REQUEST, SOMETHING_FAILED = 0, 1, 2, 3

_TYPED = {"replay_id": "--id", "contract": "--contract", "customer": "--customer"}
_SHAPES = {
    "replay_id": "letters, digits, dots, dashes and underscores, 100 at most, a letter or a digit first",
    "contract": "NAME:VERSION, as storage:2",
}

EPILOG = """\
Each run of the function goes on where the last one stopped, also after a
failure: give the same id again. An id names one replay; a new look at the
same usage needs a new one.

exit status:
  0  everything found is published or was known
  1  it stopped; the same command with the same --id goes on
  2  the request cannot be used
  3  done, and some of what was found is still refused, by code

for example:
  u2c replay --arrived-from 2026-03-01 --arrived-until 2026-04-01 \\
             --reason UNKNOWN_CONTRACT_VERSION --dry-run
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser(
        "replay",
        help="judge archived usage again, and publish what is admitted now",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--arrived-from", required=True, type=instant, metavar="TIME", help="date or instant, UTC")
    parser.add_argument("--arrived-until", required=True, type=instant, metavar="TIME", help="not included")
    parser.add_argument("--occurred-from", type=instant, metavar="TIME", help="only usage that happened from then on")
    parser.add_argument("--occurred-until", type=instant, metavar="TIME", help="and before that")
    parser.add_argument("--customer", metavar="ID", help="only usage of this customer, or that it pays for")
    parser.add_argument("--contract", metavar="NAME:VERSION", help="only events in this contract version")
    codes = [code.value for code in REFUSALS]
    parser.add_argument("--reason", metavar="CODE", choices=codes, help="only what ingest refused for this code")
    parser.add_argument("--dry-run", action="store_true", help="count what would be done, and do nothing")
    parser.add_argument("--id", metavar="ID", help="go on with this replay, or call a new one so")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    try:
        event = request_of(arguments, datetime.now(UTC))
        return replay(event, invoker(stack_outputs()["ReplayUsageFunctionName"]), console)
    except ValidationError as invalid:
        show_faults(in_words(invalid, _TYPED, shapes=_SHAPES), console)
    except (ValueError, *AWS_FAULTS) as error:
        show_faults([why(error)], console)
    return UNUSABLE_REQUEST


def instant(text: str) -> str:
    """Read a date (its midnight in UTC) or an instant with an offset."""
    try:
        return parse_instant(f"{text}T00:00:00Z" if len(text) == len("2026-03-01") else text).isoformat()
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no date (YYYY-MM-DD) and no instant with an offset") from None


def request_of(arguments: argparse.Namespace, now: datetime) -> Mapping[str, Any]:
    """Return the function's event. Raises ValueError (ValidationError for a field) for what it would refuse."""
    if (arguments.occurred_from is None) != (arguments.occurred_until is None):
        raise ValueError("--occurred-from and --occurred-until come together")
    narrowed: dict[str, Any] = {
        "customer": arguments.customer,
        "contract": arguments.contract,
        "reason": arguments.reason,
        "occurred": arguments.occurred_from and {"from": arguments.occurred_from, "until": arguments.occurred_until},
    }
    requested = {
        "replay_id": arguments.id or f"replay-{now:%Y%m%dT%H%M%SZ}",
        "arrived": {"from": arguments.arrived_from, "until": arguments.arrived_until},
        "filter": {name: value for name, value in narrowed.items() if value is not None},
        "dry_run": arguments.dry_run,
    }
    return replay_event(ReplayRequested.model_validate(requested).to_domain())


def replay(event: Mapping[str, Any], invoke: Invoke, console: Console) -> int:
    """Invoke until it is done, show the counts after each run, and return the exit status."""
    console.print(f"replay {event['replay_id']}", highlight=False)
    while True:
        try:
            answer = invoke(event)
        except AWS_FAULTS as error:
            again = command_line("replay", "--id", event["replay_id"], "...")
            show_faults([f"it stopped: {why(error)}", f"go on with: {again}"], console)
            return STOPPED
        console.print(_line(answer), highlight=False)
        if answer["finished"]:
            return SOMETHING_FAILED if answer["failed"] else NOTHING_FAILED


def _line(answer: Mapping[str, Any]) -> str:
    failed = [f"{count} {code}" for code, count in answer["failed"].items()]
    told = [
        f"found {answer['found']}: published {answer['published']}",
        f"unchanged {answer['unchanged']}",
        f"failed {', '.join(failed) or 0}",
    ]
    if not answer["finished"]:
        told.append(f"reached {answer['reached']}")
    return ", ".join(told)
