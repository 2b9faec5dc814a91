"""Ask for an amendment of a contract as the CRM does, show what became of one, or have one go on that stands still.

Works on the deployment in the AWS account of the environment's credentials: the state machine amend_subscription.
"""

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
from pydantic import ValidationError
from rich.console import Console

from operations.u2c.aws_faults import AWS_FAULTS, why
from operations.u2c.commands.faults import in_words, show_faults
from operations.u2c.stack_outputs import deployed_tenant, stack_outputs
from shared.adapters.dynamodb.amendments import DynamoAmendments
from shared.contracts.amendment import AmendmentAsked, asked_text
from shared.domain.identifiers import TenantId
from shared.domain.subscriptions.amendment_request import AmendmentRequest, AmendmentRequestId
from shared.ports.amendments import AmendmentRequests

DONE, UNUSABLE_REQUEST = 0, 2
CHANGES = ("upgrade", "downgrade", "quantity", "renewal", "pause", "resumption", "cancellation")

# Starts an execution by its name and input.
Start = Callable[[str, str], None]

_TYPED = {"request_id": "", "asked_by": "--by", "amendment": ""} | {
    name: f"--{name}" for name in ("customer", "contract", "subscription", "effective", "plan", "quantity", "until")
}
_SHAPES = {"request_id": "letters, digits, dashes and underscores, 80 at most"}

EPILOG = """\
exit status: 0 done; 2 the request cannot be used

for example:
  u2c amend request 0068d00000AbCdEfAAF upgrade --customer acme --contract c-acme \\
                    --subscription s-acme --effective 2026-11-16 --plan business \\
                    --by carl@nimbus.example
  u2c amend show 0068d00000AbCdEfAAF
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser(
        "amend",
        help="amendments of contracts, and what became of them",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    _register_request(actions)
    showing = actions.add_parser("show", help="show every state that a request reached")
    showing.add_argument("request", metavar="ID", help="of the request, as it was asked with")
    showing.set_defaults(execute=execute, act=show)
    again = actions.add_parser("again", help="have a request go on that was given up half-way")
    again.add_argument("request", metavar="ID", help="of the request, as it was asked with")
    again.set_defaults(execute=execute, act=repeat)


def _register_request(actions: Any) -> None:  # noqa: ANN401 - as above
    request = actions.add_parser("request", help="ask for an amendment; the same id again is the same request")
    request.add_argument("request", metavar="ID", help="your own: that of the CRM's order or opportunity")
    request.add_argument("change", choices=CHANGES)
    for name in ("customer", "contract", "subscription"):
        request.add_argument(f"--{name}", required=True, metavar="ID")
    request.add_argument("--effective", required=True, metavar="DAY", help="the first day, of the customer's calendar")
    request.add_argument("--plan", metavar="ID", help="of an upgrade or a downgrade")
    request.add_argument("--quantity", metavar="N", help="of a change of quantity")
    request.add_argument("--until", metavar="DAY", help="of a renewal: the day on which the new term ends")
    request.add_argument("--by", required=True, metavar="NAME", help="who asks")
    request.set_defaults(execute=execute, act=ask)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    try:
        outputs, tenant = stack_outputs(), deployed_tenant()
        requests = DynamoAmendments(boto3.client("dynamodb"), outputs["MasterDataTable"], tenant)
        start = _starter(outputs["AmendSubscriptionStateMachineArn"])
        status: int = arguments.act(arguments, tenant, requests, start, console)
    except AWS_FAULTS as error:
        show_faults([why(error)], console)
        return UNUSABLE_REQUEST
    return status


def _starter(state_machine_arn: str) -> Start:
    client = boto3.client("stepfunctions")

    def start(name: str, text: str) -> None:
        client.start_execution(stateMachineArn=state_machine_arn, name=name, input=text)

    return start


def ask(
    arguments: argparse.Namespace, tenant: TenantId, requests: AmendmentRequests, start: Start, console: Console
) -> int:
    """Start the execution of a new request; show the one that is known under the id instead, if it is the same."""
    amendment = {
        "subscription": arguments.subscription,
        "effective": arguments.effective,
        "change": arguments.change,
        **{name: value for name in ("plan", "quantity", "until") if (value := getattr(arguments, name)) is not None},
    }
    try:
        asked = AmendmentAsked.model_validate(
            {
                "tenant": tenant,
                "request_id": arguments.request,
                "customer": arguments.customer,
                "contract": arguments.contract,
                "amendment": amendment,
                "asked_by": arguments.by,
            }
        )
    except ValidationError as error:
        show_faults(in_words(error, _TYPED, shapes=_SHAPES), console)
        return UNUSABLE_REQUEST
    known = requests.read(AmendmentRequestId(asked.request_id))
    if known is not None and known.asked != asked.to_domain():
        show_faults([f"{asked.request_id} is another request, of {known.asked.contract_id}"], console)
        return UNUSABLE_REQUEST
    if known is not None:
        return _shown(known, console)
    start(asked.request_id, asked_text(asked))
    console.print(f"asked for; `u2c amend show {asked.request_id}` shows what became of it", markup=False)
    return DONE


def show(
    arguments: argparse.Namespace, _tenant: TenantId, requests: AmendmentRequests, _start: Start, console: Console
) -> int:
    known = requests.read(AmendmentRequestId(arguments.request))
    if known is None:
        show_faults([f"nothing is known of {arguments.request}: it was not asked for, or has not begun"], console)
        return UNUSABLE_REQUEST
    return _shown(known, console)


def repeat(
    arguments: argparse.Namespace, _tenant: TenantId, requests: AmendmentRequests, start: Start, console: Console
) -> int:
    """Start another execution of a known request, which goes on where the request stands."""
    known = requests.read(AmendmentRequestId(arguments.request))
    if known is None:
        show_faults([f"nothing is known of {arguments.request}"], console)
        return UNUSABLE_REQUEST
    name = f"{arguments.request[:60]}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    start(name, json.dumps({"request": json.loads(known.asked.text)}))
    console.print(f"goes on; `u2c amend show {arguments.request}` shows how far", markup=False)
    return DONE


def _shown(request: AmendmentRequest, console: Console) -> int:
    asked = request.asked
    lines = [f"{asked.request_id}: {asked.contract_id} of {asked.customer_id}, asked for by {asked.asked_by}"]
    if request.amendment is not None:
        amendment = request.amendment
        change = type(amendment.change).__name__
        lines.append(f"{change} of {amendment.subscription_id}, effective {amendment.effective_at:%Y-%m-%d %H:%M} UTC")
    lines += [f"{step.at:%Y-%m-%d %H:%M} UTC {step.state}: {step.note}" for step in request.history]
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return DONE
