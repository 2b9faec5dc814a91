"""Rate a month's usage again with a proposed catalogue, and list what it would change.

Each contract is rated by both catalogues, on all usage of the month that is known
today, as its invoice is: charges, price adjustments, fees. Tax is left out.
Nothing is stored.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from operations.catalog.load import load_catalog
from operations.u2c.commands.faults import show_faults
from operations.u2c.metered_usage import UnusableUsageError, last_billed_month, metered_usage
from operations.u2c.price_summary import Sums, come_and_gone, document, totals
from operations.u2c.screen import plain
from shared.domain.invoicing.price_preview import LineChange, PreviewedInvoice, preview
from shared.domain.master_data.catalog import Catalog
from shared.domain.money import Money

PREVIEWED, WOULD_WAIT, UNUSABLE_INPUT = 0, 1, 2
_SHOWN = 20
_LINES_SHOWN = 5

EPILOG = """\
exit status:
  0  every invoice can be made with the proposed catalogue
  1  an invoice would wait: some usage or a fee has no price in it
  2  a catalogue or the usage cannot be used; every fault is named

--usage takes the results of a u2c run, whose lineage holds the ledger's windows.
They were measured by the meters of their time: what a proposed meter would make
of the events is not looked at.

for example:
  u2c price preview --catalog events/scenarios/demo/catalog \\
                    --proposed proposed --usage out/demo
"""


def register(actions: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = actions.add_parser(
        "preview",
        help="rate a month's usage again with a proposed catalogue, and list what it would change",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--catalog", required=True, type=Path, nargs="+", metavar="DIR", help="what is in force today")
    parser.add_argument(
        "--proposed", required=True, type=Path, nargs="+", metavar="DIR", help="what may take its place"
    )
    parser.add_argument("--usage", required=True, type=Path, metavar="DIR", help="results of a run")
    parser.add_argument(
        "--period", type=_month, metavar="YYYY-MM", help="which month (default: the last one that the run has billed)"
    )
    parser.add_argument("--json", action="store_true", help="everything as one JSON document")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    today, proposed = load_catalog(*arguments.catalog), load_catalog(*arguments.proposed)
    if not isinstance(today, Catalog) or not isinstance(proposed, Catalog):
        show_faults((str(one) for faults in (today, proposed) if isinstance(faults, tuple) for one in faults), console)
        return UNUSABLE_INPUT
    try:
        month = arguments.period or last_billed_month(arguments.usage)
        windows = list(metered_usage(arguments.usage))
    except UnusableUsageError as error:
        show_faults([str(error)], console)
        return UNUSABLE_INPUT
    if incomparable := list(_incomparable(today, proposed)):
        show_faults(incomparable, console)
        return UNUSABLE_INPUT
    found = preview(today, proposed, windows, month)
    if arguments.json:
        print(json.dumps(document(found, month), ensure_ascii=False, indent=2))
    else:
        _show(found, month, console)
    return WOULD_WAIT if any(one.waits for one in found) else PREVIEWED


def _incomparable(today: Catalog, proposed: Catalog) -> Iterator[str]:
    if today.tenant != proposed.tenant:
        yield f"--proposed: it is of the tenant {proposed.tenant}, and --catalog of {today.tenant}"
    agreed = {one.contract_id: one for one in today.contracts}
    for one in proposed.contracts:
        before = agreed.get(one.contract_id, one)
        if (before.currency, before.customer_id) != (one.currency, one.customer_id):
            yield f"--proposed: {one.contract_id} has another customer or currency: give it an id of its own"


def _show(found: Sequence[PreviewedInvoice], month: date, console: Console) -> None:
    changed = [one for one in found if one.changes]
    if changed:
        console.print(_table(changed[:_SHOWN]))
    if len(changed) > _SHOWN:
        console.print(f"and {len(changed) - _SHOWN} invoices more; --json has them all")
    for one in changed:
        for issue in one.waits:
            text = f"{one.contract_id} would wait: {issue.path}: {issue.message}"
            console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
    for label, charges in zip(("new", "vanishing"), come_and_gone(found), strict=True):
        for charge, amounts in charges.items():
            text = f"{label}: {charge} on invoices: {len(amounts)}, {_sum(amounts)}"
            console.print(text, markup=False, highlight=False, soft_wrap=True)
    for currency, sums in totals(found).items():
        both = f"{_amount(sums.before)} now, {_amount(sums.after)} proposed"
        text = f"{month:%Y-%m} in all: {both}, {_signed(sums)} {currency}"
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    concerned = {one.customer_id for one in changed}
    others = {one.customer_id for one in found} - concerned
    console.print(
        f"Invoices that change: {len(changed)} of {len(found)}. Customers that are not affected: {len(others)}.",
        highlight=False,
    )


def _table(changed: Iterable[PreviewedInvoice]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("invoice", overflow="fold")
    for name in ("now", "proposed", "change"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for one in changed:
        table.add_row(
            f"{one.contract_id}/{one.period}",
            _amount(one.before),
            _amount(one.after),
            _signed(one),
            str(one.after.currency),
        )
        biggest = sorted(one.lines, key=lambda line: -abs(_moved(line)))
        for line in biggest[:_LINES_SHOWN]:
            prices = [price for price in (line.price_before, line.price_after) if price]
            table.add_row(
                f"  {line.name}",
                _amount(line.before),
                _amount(line.after),
                f"{_moved(line):+,f}",
                " -> ".join(dict.fromkeys(prices)),
                style="dim",
            )
        if len(biggest) > _LINES_SHOWN:
            table.add_row(f"  and {len(biggest) - _LINES_SHOWN} lines more", style="dim")
    return table


def _sum(amounts: Iterable[Money]) -> str:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for amount in amounts:
        sums[amount.currency.code] += amount.amount
    return ", ".join(f"{plain(amount, code)} {code}" for code, amount in sorted(sums.items()))


def _moved(line: LineChange) -> Decimal:
    return (line.after.amount if line.after else Decimal(0)) - (line.before.amount if line.before else Decimal(0))


def _amount(amount: Money | None) -> str:
    return "-" if amount is None else plain(amount.amount, amount.currency.code)


def _signed(one: PreviewedInvoice | Sums) -> str:
    share = f" ({one.difference.amount / one.before.amount:+.1%})" if one.before.amount else ""
    return f"{one.difference.amount:+,f}{share}"


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no month (YYYY-MM)") from None
