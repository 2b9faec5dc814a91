"""Credit an issued invoice: whole, by lines, or by a share of it. Without --issue it only shows what would come of it.

Works on the deployment in the AWS account of the environment's credentials.
"""

import argparse
import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from rich.console import Console

from operations.u2c.aws_faults import AWS_FAULTS, why
from operations.u2c.commands.faults import in_words, show_faults
from operations.u2c.invoked import Invoke, invoker
from operations.u2c.stack_outputs import deployed_tenant, stack_outputs
from shared.adapters.s3.invoice_documents import document_key
from shared.contracts.credit_note import CreditNoteEvent
from shared.domain.identifiers import InvoiceId
from shared.domain.invoice_document.document import DocumentId
from shared.domain.invoicing.credit_note import CreditPurpose
from shared.ports.invoice_documents import DocumentFormat

DONE, REFUSED, UNUSABLE_REQUEST, WAITS = 0, 1, 2, 3
MEANING = {
    CreditPurpose.GOODWILL: "no later invoice looks at it",
    CreditPurpose.CORRECTION: "it counts as billed: the next invoice bills what usage comes to beyond what is left",
    CreditPurpose.VOID: "it reverses the invoice: once it is posted, the next bill run bills the period anew",
}

_TYPED = {
    "request_id": "--id",
    "invoice_id": "INVOICE",
    "revision": "--revision",
    "reason": "--reason",
    "requested_by": "--by",
    "decided_by": "--by",
    "share": "--share",
    "line_id": "--line",
    "amount": "--line",
    "credit": "",
}
_SHAPES = {"request_id": "letters, digits, dashes and underscores, 64 at most, a letter or a digit first"}

EPILOG = """\
A request id names one credit for ever: asked for again, it is issued once.

exit status:
  0  issued, rejected as decided, or shown
  1  refused, with the reason; nothing was issued
  2  the request cannot be used
  3  it waits for its approver

for example:
  u2c credit c-acme/2026-03 --id sla-7 --reason "the API was down" --share 0.1
  u2c credit c-acme/2026-03 --id sla-7 --reason "the API was down" --share 0.1 \\
             --issue
  u2c credit c-acme/2026-03 --id sla-7 --decide approve --by clara@nimbus.example
  u2c credit c-acme/2026-03 --id cm-1001 --reason "credited in the ERP as CM-1001" \\
             --line s-acme/fee=10.00 --currency EUR --made-in-erp --issue
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser(
        "credit",
        help="credit an issued invoice",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_request(parser, id_names="this credit of this invoice", issuing="issue it")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--share", metavar="0.25", help="this share of every line; without it, all that is left")
    what.add_argument("--line", action="append", metavar="LINE=AMOUNT", help="this net amount of a line; repeatable")
    parser.add_argument("--currency", default="", metavar="EUR", help="of the amounts of --line")
    parser.add_argument(
        "--purpose",
        choices=[CreditPurpose.GOODWILL.value, CreditPurpose.CORRECTION.value],
        default=CreditPurpose.GOODWILL.value,
        help="goodwill by default, which no later invoice looks at; a correction is settled with usage",
    )
    parser.set_defaults(execute=execute)


def add_request(parser: argparse.ArgumentParser, *, id_names: str, issuing: str) -> None:
    """Add what every request of a credit note says: of which invoice, why, by whom, and what is to be done."""
    parser.add_argument("invoice", metavar="INVOICE", help="contract and billing period, such as c-acme/2026-03")
    parser.add_argument("--id", required=True, metavar="ID", help=f"names {id_names}")
    parser.add_argument("--revision", type=int, default=1, metavar="N", help="of the invoice, 1 by default")
    parser.add_argument(
        "--reason", metavar="TEXT", help="what the customer and an auditor are told; needed but to decide"
    )
    parser.add_argument("--by", metavar="NAME", default=getpass.getuser(), help="who asks, or decides")
    parser.add_argument(
        "--made-in-erp",
        action="store_true",
        help="its credit memo was made in the ERP by hand: nothing is sent; u2c posting mark-posted then names it",
    )
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--issue", action="store_true", help=f"{issuing}, or ask the approver; otherwise it is only shown")
    act.add_argument("--decide", choices=("approve", "reject"), help="decide on what waits for its approver")


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    try:
        event = event_of(arguments, datetime.now(UTC))
        outputs = stack_outputs()
        of = DocumentId(InvoiceId(arguments.invoice), arguments.revision, arguments.id)
        pdf = document_key(deployed_tenant(), of, DocumentFormat.PDF)
        pdf = f"s3://{outputs['InvoiceDocumentsBucket']}/{pdf}"
        return credit(event, invoker(outputs["IssueCreditNoteFunctionName"]), console, pdf=pdf)
    except ValidationError as invalid:
        show_faults(in_words(invalid, _TYPED, shapes=_SHAPES), console)
    except (ValueError, *AWS_FAULTS) as error:
        show_faults([why(error)], console)
    return UNUSABLE_REQUEST


def event_of(arguments: argparse.Namespace, now: datetime) -> Mapping[str, Any]:
    """Return the function's event. Raises ValueError (ValidationError for a field) for what it would refuse."""
    names = {"request_id": arguments.id, "invoice_id": arguments.invoice, "revision": arguments.revision}
    if arguments.decide:
        decision = {"approved": arguments.decide == "approve", "decided_by": arguments.by, "decided_at": now}
        given: dict[str, Any] = {"decision": names | decision | {"reason": arguments.reason or ""}}
    else:
        if not (arguments.reason or "").strip():
            raise ValueError("--reason is needed: it is what the customer and an auditor are told")
        asked = {"requested_by": arguments.by, "requested_at": now, "preview": not arguments.issue}
        asked |= {"purpose": arguments.purpose, "made_in_erp": arguments.made_in_erp}
        given = {"request": names | asked | {"reason": arguments.reason or "", "credit": _credit(arguments)}}
    event = CreditNoteEvent.model_validate(given)
    event.to_domain()  # raises for what is no credit at all
    return event.model_dump(mode="json", exclude_none=True)


def _credit(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.line and not arguments.currency:
        raise ValueError("--currency is needed: it is that of the amounts of --line")
    lines = []
    for text in arguments.line or ():
        line_id, equals, amount = text.rpartition("=")
        if not equals:
            raise ValueError(f"--line is LINE=AMOUNT, not {text!r}")
        lines.append({"line_id": line_id, "amount": amount})
    return {"share": arguments.share, "lines": lines, "currency": arguments.currency if lines else ""}


def credit(event: Mapping[str, Any], invoke: Invoke, console: Console, *, pdf: str) -> int:
    """Invoke, show the answer, and return the exit status. `pdf` is where the credit note's PDF is stored."""
    answer = invoke(event)
    outcome = answer["outcome"]
    if outcome == "refused" and "reason" in answer:
        show_faults([answer["reason"]], console)
        return REFUSED
    is_shown = event.get("request", {}).get("preview", False)
    name = answer["number"] or answer["credit_note_id"]
    told = "would credit" if is_shown and not answer["number"] else outcome.replace("_", " ")
    console.print(f"{name}: {told}, of {answer['invoice_number']}", highlight=False)
    purpose = CreditPurpose(answer["purpose"])
    console.print(f"  {purpose}: {MEANING[purpose]}", highlight=False)
    for line in answer["lines"]:
        console.print(f"  {line['line_id']}: {line['amount']}", highlight=False)
    console.print(f"  net {answer['net']}, tax {answer['tax']}, gross {answer['gross']}", highlight=False)
    if answer["approval"]:
        console.print(f"it would wait for an approver: {answer['approval']}", highlight=False)
    if is_shown:
        console.print("nothing is issued; --issue does", highlight=False)
        return DONE
    if outcome == "issued":
        console.print(f"what the customer is sent: {pdf}", highlight=False, soft_wrap=True)
        if event.get("request", {}).get("made_in_erp", False):
            naming = f"u2c posting mark-posted {answer['credit_note_id']} --number ... --erp-key ... --send"
            told = f"nothing is sent to the ERP; say which document it is there: {naming}"
            console.print(told, highlight=False, soft_wrap=True)
    return WAITS if outcome == "awaiting_approval" else DONE
