"""Void an issued, posted invoice: a credit note reverses it in whole, and a bill run bills its period anew.

Without --issue it only shows what would come of it. Works on the deployment in the AWS account of the environment's
credentials.
"""

import argparse
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
    credit.add_request(parser, id_names="the credit note that reverses the invoice", issuing="void it")
    whole = {"share": None, "line": None, "currency": "", "purpose": CreditPurpose.VOID.value}
    parser.set_defaults(execute=credit.execute, **whole)
