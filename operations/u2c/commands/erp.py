"""How the ERPs of a deployment stand.

status tells of each connection what waits for it and since when, how long that takes at what the ERP permits, whether
it is called at all, and when it last answered for a document. resume has an ERP called again that takes the
credentials it had refused, or whose certificate was put right; other credentials in the secret are tried by themselves.
Works on the deployment in the AWS account of the environment's credentials.
"""

import argparse
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from rich.console import Console

from operations.u2c.aws_faults import AWS_FAULTS, why
from operations.u2c.commands.faults import show_faults
from operations.u2c.invoked import Invoke, invoker
from operations.u2c.stack_outputs import stack_outputs

RUNNING, STOPPED, UNUSABLE_REQUEST = 0, 1, 2

EPILOG = """\
exit status:
  0  every ERP is called
  1  one is not: it is down, has refused its credentials, or its certificate is not to be trusted
  2  the request cannot be used

for example:
  u2c erp status
  u2c erp resume nimbus-de/business-central
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser("erp", help="how the ERPs stand, and what waits for them", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    shared: dict[str, Any] = {
        "description": __doc__,
        "epilog": EPILOG,
        "formatter_class": argparse.RawDescriptionHelpFormatter,
    }
    asking = actions.add_parser("status", help="what waits, for how long, and who is stopped", **shared)
    asking.set_defaults(execute=lambda _: _executed({}))
    resuming = actions.add_parser("resume", help="call an ERP again that was held", **shared)
    resuming.add_argument("connection", metavar="CONNECTION", help="as the catalogue and the exception name it")
    resuming.set_defaults(execute=lambda typed: _executed({"resume": typed.connection}))


def _executed(event: Mapping[str, Any]) -> int:
    console = Console()
    try:
        return ask(event, invoker(stack_outputs()["WatchErpsFunctionName"]), console)
    except AWS_FAULTS as error:
        show_faults([why(error)], console)
    return UNUSABLE_REQUEST


def ask(event: Mapping[str, Any], invoke: Invoke, console: Console) -> int:
    """Invoke, show how each connection stands, and return the exit status."""
    answer = invoke(event)
    connections = [erp["connection"] for erp in answer["erps"]]
    if "resume" in event and event["resume"] not in connections:
        show_faults([f"there is no connection {event['resume']}; there are {', '.join(connections)}"], console)
        return UNUSABLE_REQUEST
    if "resume" in event:
        became = "was resumed: it is called again" if answer["resumed"] else "was not held back"
        console.print(f"{event['resume']} {became}", markup=False, highlight=False, soft_wrap=True)
    for erp in answer["erps"]:
        for line in _lines(erp):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    return STOPPED if any(_is_stopped(erp) for erp in answer["erps"]) else RUNNING


def _is_stopped(erp: Mapping[str, Any]) -> bool:
    return erp["held"] is not None or erp["circuit"] != "closed"


def _lines(erp: Mapping[str, Any]) -> Iterator[str]:
    state = "stopped" if _is_stopped(erp) else "called"
    yield f"{erp['connection']} ({erp['erp']}, {', '.join(erp['legal_entities'])}): {state}"
    if erp["held"] is not None:
        yield f"  held since {erp['held']['since']}: {erp['held']['reason']}"
    if erp["circuit"] != "closed":
        yield f"  down; tried again at {erp['tried_again_at']}"
    if erp["rests_until"] is not None:
        yield f"  asked to be left alone until {erp['rests_until']}"
    waits = f"  {erp['unsent']} unsent, {erp['unclear']} sent and not in the ledger yet"
    yield waits if erp["oldest"] is None else f"{waits}, the oldest of {erp['oldest']}"
    yield f"  permitted: {_permitted(erp)}; what waits takes {timedelta(seconds=erp['drain_seconds'])}"
    taken = erp["seconds_a_document"]
    lately = "no document yet" if taken is None else f"{taken} s a document, the last at {erp['last_answer']}"
    yield f"  answered: {lately}"


def _permitted(erp: Mapping[str, Any]) -> str:
    at_a_time = f"{erp['concurrency']} calls at a time"
    return at_a_time if erp["calls_per_minute"] is None else f"{at_a_time}, {erp['calls_per_minute']} a minute"
