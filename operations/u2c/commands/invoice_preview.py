"""Show the invoice of a billing period as it would be now, what the period is worth by now, and what would stop it.

Nothing is stored. Usage is that of a run's results, up to the instant that the run
has come to; tax is that of the catalogue's table.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from operations.catalog.load import load_catalog
from operations.u2c.commands.faults import show_faults
from operations.u2c.metered_usage import UnusableUsageError, metered_usage
from operations.u2c.run_results import invoices_issued, open_exceptions, simulated_until
from operations.u2c.screen import plain
from shared.domain.identifiers import ContractId
from shared.domain.invoicing.draft_preview import DraftPreview, NotPreviewedError, preview_draft
from shared.domain.master_data.catalog import Catalog
from shared.domain.money import Money
from shared.domain.time_period import format_instant

PREVIEWED, WOULD_STOP, UNUSABLE_INPUT = 0, 1, 2

EPILOG = """\
exit status:
  0  the invoice could be issued, after an approval where one is named
  1  something would stop it; every reason is named
  2  the catalogue, the results or the names cannot be used

for example:
  u2c run --catalog events/scenarios/demo/catalog \\
          --events events/scenarios/demo/march.jsonl \\
          --until 2026-03-20 --out out/march-20
  u2c invoice preview c-acme --catalog events/scenarios/demo/catalog \\
                             --usage out/march-20
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    invoice = subparsers.add_parser("invoice", help="look at an invoice before it is made", description=__doc__)
    actions = invoice.add_subparsers(required=True, metavar="ACTION")
    parser = actions.add_parser(
        "preview",
        help="show a draft as it would be now, and its accrual value",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("contract", type=ContractId, metavar="CONTRACT", help="id of the contract, as c-acme")
    parser.add_argument("period", nargs="?", default="", metavar="PERIOD", help="2026-03 (default: the one under way)")
    parser.add_argument(
        "--catalog",
        required=True,
        type=Path,
        nargs="+",
        metavar="DIR",
        help="catalogue folder; further ones are read on top of it",
    )
    parser.add_argument("--usage", required=True, type=Path, metavar="DIR", help="results of a run")
    parser.add_argument("--json", action="store_true", help="everything as one JSON document")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    catalog = load_catalog(*arguments.catalog)
    if not isinstance(catalog, Catalog):
        show_faults(map(str, catalog), console)
        return UNUSABLE_INPUT
    try:
        issued = invoices_issued(arguments.usage)
        found = preview_draft(
            catalog,
            metered_usage(arguments.usage),
            arguments.contract,
            as_of=simulated_until(arguments.usage),
            period=arguments.period,
            issued={name: gross for name, (_, gross) in issued.items()},
        )
        exceptions = open_exceptions(arguments.usage, found.draft.invoice_id)
    except (UnusableUsageError, NotPreviewedError) as error:
        show_faults([str(error)], console)
        return UNUSABLE_INPUT
    number = issued[found.draft.invoice_id][0] if found.draft.invoice_id in issued else ""
    stops = [*(_reason(issue.path, issue.message) for issue in found.stops), *exceptions]
    if arguments.json:
        print(json.dumps(_document(found, number, stops), ensure_ascii=False, indent=2))
    else:
        _show(found, number, stops, console)
    return WOULD_STOP if stops else PREVIEWED


def _reason(path: str, message: str) -> str:
    return f"{path}: {message}" if path else message


def _document(found: DraftPreview, number: str, stops: Sequence[str]) -> dict[str, Any]:
    draft = found.draft
    return {
        "invoice_id": draft.invoice_id,
        "issued_as": number or None,
        "as_of": format_instant(found.as_of),
        "currency": draft.net.currency.code,
        "lines": [
            {"line_id": line.line_id, "quantity": f"{line.quantity:f}", "amount": f"{line.amount.amount:f}"}
            for line in draft.lines
        ],
        "billed_if_closed_now": {
            "net": f"{draft.net.amount:f}",
            "tax": f"{draft.tax.amount:f}" if found.is_taxed else None,
            "gross": f"{draft.gross.amount:f}" if found.is_taxed else None,
        },
        "accrual_value": f"{found.accrual_value.amount:f}",
        "stops": list(stops),
        "approval": [issue.message for issue in found.approval],
    }


def _show(found: DraftPreview, number: str, stops: Sequence[str], console: Console) -> None:
    def say(text: str, style: str = "") -> None:
        console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    draft = found.draft
    say(f"{draft.invoice_id}, as of {found.as_of:%Y-%m-%d %H:%M} UTC")
    if number:
        say(f"it is issued already, as {number}; this is what is known of its period by now")
    if draft.lines:
        console.print(_table(found))
    tax = f" + {plain(draft.tax.amount, draft.tax.currency.code)} tax = {_money(draft.gross)}"
    say(f"billed if closed now: {_money(draft.net)}{tax if found.is_taxed else ', and tax as its engine will say'}")
    say(f"accrual value: {_money(found.accrual_value)}")
    for reason in stops:
        say(f"would stop it: {reason}", "red")
    for issue in found.approval:
        say(f"would wait for an approver: {issue.message}")


def _table(found: DraftPreview) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(overflow="fold")
    for _ in range(2):
        table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for line in found.draft.lines:
        amount = plain(line.amount.amount, line.amount.currency.code)
        table.add_row(f"  {line.line_id}", plain(line.quantity), amount, line.price)
    return table


def _money(amount: Money) -> str:
    return f"{plain(amount.amount, amount.currency.code)} {amount.currency}"
