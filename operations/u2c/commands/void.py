"""Void an issued, posted invoice: a credit note reverses it in whole, and a bill run bills its period anew.

Without --issue it only shows what would come of it. Works on the deployment in the AWS account of the environment's
credentials.
"""

import argparse
import getpass
from typing import Any

from operations.u2c.commands import credit
from shared.domain.invoicing.credit_note import CreditPurpose

EPILOG = """\
The next bill run after the credit note is posted bills the period anew, by the
catalogue of then: with a revision, a number and a posting of its own.

exit status:
  0  issued, rejected as decided, or shown
  1  refused, with the reason; nothing was issued
  2  the request cannot be used
  3  it waits for its approver

for example:
  u2c void c-acme/2026-03 --id price --reason "billed by the old price"
  u2c void c-acme/2026-03 --id price --reason "billed by the old price" --issue
  u2c void c-acme/2026-03 --id price --decide approve --by clara@nimbus.example
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser(
        "void",
        help="void an issued invoice, which is then billed anew",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("invoice", metavar="INVOICE", help="contract and billing period, such as c-acme/2026-03")
    parser.add_argument("--id", required=True, metavar="ID", help="names the credit note that reverses the invoice")
    parser.add_argument("--revision", type=int, default=1, metavar="N", help="of the invoice, 1 by default")
    parser.add_argument("--reason", metavar="TEXT", help="what the customer and an auditor are told")
    parser.add_argument("--by", metavar="NAME", default=getpass.getuser(), help="who asks, or decides")
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--issue", action="store_true", help="void it, or ask the approver; otherwise it is only shown")
    act.add_argument("--decide", choices=("approve", "reject"), help="decide on a void that waits")
    whole = {"share": None, "line": None, "currency": "", "purpose": CreditPurpose.VOID.value}
    parser.set_defaults(execute=credit.execute, **whole)
