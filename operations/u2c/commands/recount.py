"""Count a month's usage again, from a copy of the archive and nothing else.

Prints what each meter comes to for each customer. With --ledger it compares every
window with the ledger of a run.
"""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from operations.catalog.fault import CatalogFault
from operations.catalog.load import load_catalog
from operations.u2c.archive_folder import ArchiveFolder, UnusableArchiveError
from operations.u2c.commands.faults import show_faults
from operations.u2c.output_files import LINEAGE
from operations.u2c.screen import plain
from shared.domain.master_data.catalog import Catalog
from shared.domain.metering.meter import Aggregation

if TYPE_CHECKING:
    from operations.u2c.recount import CountedArchive

TIES, DIFFERS, UNUSABLE_INPUT = 0, 1, 2
_FIRST_YEAR, _LAST_YEAR = 1970, 9998  # the days around the month are read, too
_SHOWN = 20
_OF_LEVELS = (Aggregation.LATEST, Aggregation.WEIGHTED_SUM)

EPILOG = """\
exit status:
  0  counted; the ledger, if one was given, says the same of every window
  1  a window differs, an id came with several contents, or the archive is
     damaged
  2  the archive, the catalogue or the ledger cannot be used

The archive is a folder with a copy of the bucket: OUT/archive of u2c run, or
  aws s3 sync s3://BUCKET DIR
of days from 35 before the month to 35 after it. What was not compacted yet is
judged here, by the contracts of the catalogue.

for example:
  u2c recount --archive out/demo/archive --period 2026-03 \\
              --catalog events/scenarios/demo/catalog --ledger out/demo
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser(
        "recount",
        help="count a month's usage again, from a copy of the archive and nothing else",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--archive", required=True, type=Path, metavar="DIR", help="copy of the archive's bucket")
    parser.add_argument(
        "--catalog",
        required=True,
        type=Path,
        nargs="+",
        metavar="DIR",
        help="catalogue folder; further ones are read on top of it",
    )
    parser.add_argument(
        "--period",
        required=True,
        type=_month,
        metavar="YYYY-MM",
        help="billing period, of each customer in its own zone",
    )
    parser.add_argument("--ledger", type=Path, metavar="DIR", help="results of a run, to compare with")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    catalog = load_catalog(*arguments.catalog)
    faults = list(_faults(arguments, catalog))
    if faults or not isinstance(catalog, Catalog):
        show_faults(faults, console)
        return UNUSABLE_INPUT

    # Faults need no database.
    from operations.u2c.recount import UnusableLedgerError, count_archive, ledger_of_a_run  # noqa: PLC0415

    ledger = ledger_of_a_run(arguments.ledger / LINEAGE) if arguments.ledger else None
    try:
        counted = count_archive(arguments.archive, catalog, arguments.period, ledger)
    except (UnusableArchiveError, UnusableLedgerError) as error:
        show_faults([str(error)], console)
        return UNUSABLE_INPUT
    _show(counted, console)
    return DIFFERS if counted.differences or counted.conflicts or counted.damages else TIES


def _faults(arguments: argparse.Namespace, catalog: Catalog | tuple[CatalogFault, ...]) -> list[str]:
    faults = []
    if not (arguments.archive / "usage").is_dir():
        faults.append(f"--archive {arguments.archive}: it holds no copy of an archive, whose raw objects are in usage/")
    elif isinstance(catalog, Catalog) and not ArchiveFolder(arguments.archive, catalog.tenant).is_of_tenant():
        faults.append(f"--archive {arguments.archive}: it holds nothing of the catalogue's tenant {catalog.tenant}")
    if not isinstance(catalog, Catalog):
        faults += map(str, catalog)
    elif not catalog.customers:
        faults.append("--catalog: the catalogue has no customer")
    if arguments.ledger and not (arguments.ledger / LINEAGE).is_file():
        faults.append(f"--ledger {arguments.ledger}: it holds no results of a run")
    return faults


def _show(counted: "CountedArchive", console: Console) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("customer")
    table.add_column("meter")
    for name in ("events", "quantity"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("unit")
    for total in counted.totals:
        table.add_row(total.customer_id, total.meter.code, f"{total.events:,}", plain(total.quantity), total.meter.unit)
    console.print(table)
    if any(total.meter.aggregation in _OF_LEVELS for total in counted.totals):
        console.print("Levels count from their first event in the month: what was carried in is not in an archive.")
    if counted.conflicts:
        console.print(f"[red]Ids that came with several contents: {counted.conflicts}; the first one was counted.[/]")
    for damage in counted.damages:
        console.print(str(damage), style="red", markup=False, soft_wrap=True)
    if counted.differences is not None:
        _show_differences(counted, console)


def _show_differences(counted: "CountedArchive", console: Console) -> None:
    differences = counted.differences or ()
    if not differences:
        console.print("[green]Every window ties with the ledger.[/]")
    for difference in differences[:_SHOWN]:
        text = f"{difference.key.customer_id} {difference}"
        console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
    if len(differences) > _SHOWN:
        console.print(f"[red]and {len(differences) - _SHOWN} windows more differ[/]")


def _month(text: str) -> date:
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no month (YYYY-MM)") from None
    if not _FIRST_YEAR <= month.year <= _LAST_YEAR:
        raise argparse.ArgumentTypeError(f"{text!r} is not in the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return month
