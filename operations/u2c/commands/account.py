"""List the billing accounts that bill runs leave out, or have the next bill run take one up again.

Works on the deployment in the AWS account of the environment's credentials, which may use its invoices table.
"""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
from rich.console import Console

from operations.u2c.aws_faults import AWS_FAULTS, why
from operations.u2c.commands.faults import show_faults
from operations.u2c.stack_outputs import deployed_tenant, stack_outputs
from shared.adapters.dynamodb.billing_accounts import DynamoParkedAccounts
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.parking import ParkedAccount, released
from shared.ports.parked_accounts import ParkedAccounts

DONE, UNUSABLE_REQUEST = 0, 2

EPILOG = """\
exit status: 0 done; 2 the request cannot be used

for example:
  u2c account unpark c-acme/2026-10 --by carl@nimbus.example \\
                     --note "the hold is released"
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser("account", help="billing accounts that bill runs leave out", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show the accounts that are parked, and those that were")
    listing.set_defaults(execute=execute, act=show)
    unpark = actions.add_parser(
        "unpark",
        help="have the next bill run take an account up again",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    unpark.add_argument("account", metavar="ACCOUNT", help="contract and billing period, as ACCOUNT_PARKED names it")
    unpark.add_argument("--by", required=True, metavar="NAME", help="who decides")
    unpark.add_argument("--note", required=True, metavar="TEXT", help="what has changed, for whoever asks later")
    unpark.set_defaults(execute=execute, act=release)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    act: Callable[[argparse.Namespace, ParkedAccounts, Console], int] = arguments.act
    try:
        table = stack_outputs()["InvoicesTable"]
        return act(arguments, DynamoParkedAccounts(boto3.client("dynamodb"), table, deployed_tenant()), console)
    except AWS_FAULTS as error:
        show_faults([why(error)], console)
    return UNUSABLE_REQUEST


def show(_arguments: argparse.Namespace, accounts: ParkedAccounts, console: Console) -> int:
    known = list(accounts.every())
    for account in known:
        console.print(_line(account), markup=False, highlight=False, soft_wrap=True)
    if not known:
        console.print("No account was ever parked.")
    return DONE


def release(arguments: argparse.Namespace, accounts: ParkedAccounts, console: Console) -> int:
    account = accounts.read(InvoiceId(arguments.account))
    if account is None:
        show_faults([f"{arguments.account} is not parked; `u2c account list` shows what is"], console)
        return UNUSABLE_REQUEST
    if account.released_at is None:
        account = released(account, by=arguments.by, at=datetime.now(UTC), note=arguments.note)
        accounts.save(account)
    console.print(_line(account), markup=False, highlight=False, soft_wrap=True)
    return DONE


def _line(account: ParkedAccount) -> str:
    since = f"{account.invoice_id}: {account.attempts} attempts, parked {account.parked_at:%Y-%m-%d}"
    if account.released_at is None:
        return f"{since} under catalogue {account.catalog_version}; another one unparks it"
    return f"{since}, released {account.released_at:%Y-%m-%d} by {account.released_by}: {account.note}"
