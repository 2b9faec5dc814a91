"""The u2c command line. `u2c COMMAND --help` explains each command."""

import argparse
import sys
from collections.abc import Sequence

from operations.u2c.commands import (
    account,
    amend,
    backfill,
    bill_run,
    catalog,
    contract,
    credit,
    demo,
    erp,
    explain,
    invoice_preview,
    journal,
    mapping,
    posting,
    price,
    recount,
    replay,
    run,
    void,
)

COMMANDS = (
    run,
    demo,
    explain,
    invoice_preview,
    price,
    recount,
    catalog,
    contract,
    replay,
    backfill,
    bill_run,
    account,
    credit,
    void,
    mapping,
    posting,
    erp,
    journal,
    amend,
)

EPILOG = """\
u2c COMMAND --help explains each command. Where examples write u2c, type .venv/bin/u2c, which `make setup` and
`make demo` install, unless that folder is on your PATH.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="u2c",
        description="Usage to cash: from usage events to posted ERP documents, exactly once, provable to the cent.",
        epilog=EPILOG,
    )
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.register(subparsers)
    chosen = parser.parse_args(arguments)
    return int(chosen.execute(chosen))


if __name__ == "__main__":
    sys.exit(main())
