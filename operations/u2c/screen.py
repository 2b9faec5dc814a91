"""What a run says on screen: progress while it works, the tie-out and the exceptions at its end."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from operations.u2c.books import Books
from shared.domain.currencies import MINOR_UNITS
from shared.domain.exception_record import ExceptionRecord, ExceptionStatus
from shared.domain.exceptions_catalog import CATALOG
from shared.domain.posting.accounting_period import period_title
from shared.domain.reconciliation.tie_out import Check, TieOut
from shared.domain.time_period import format_instant


def plain(number: Decimal, unit: str = "") -> str:
    """Write a number for a reader: thousands apart, no exponent; an amount of money with all its decimals."""
    decimals = MINOR_UNITS.get(unit, 0)
    shortest = -int(number.normalize().as_tuple().exponent)
    return f"{number:,.{max(decimals, shortest, 0)}f}"


def show_tie_out(tie_out: TieOut, console: Console) -> None:
    """Show a check in one row where both sides are equal, else each side and each part of the difference in its own."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)  # a number is never broken, however narrow the screen
    table.add_column(no_wrap=True)
    for check in tie_out.checks:
        for row in _rows(check):
            table.add_row(*row)
    console.print("[bold]Tie-out[/]: what one stage holds is what the next one holds, or the difference has a name")
    console.print(table)


def show_waiting(tie_out: TieOut, console: Console) -> None:
    """Show what is on its way to an ERP, if anything: how much of what into which accounting period, and since when."""
    if not tie_out.waiting:
        return
    console.print("\n[bold]Waiting[/]: not posted yet, so these accounting periods are not done")
    for one in tie_out.waiting:
        documents = f"{one.documents:,} {one.kind.value.replace('_', ' ')}{'' if one.documents == 1 else 's'}"
        amount = f"{plain(one.gross.amount, one.gross.currency.code)} {one.gross.currency.code}"
        where = f"{one.legal_entity_id}, {period_title(one.accounting_period)}"
        text = f"{where}: {documents}, {amount}, state {one.state.in_words}, the oldest of {format_instant(one.oldest)}"
        console.print(Padding(escape(text), (0, 0, 0, 2), expand=False), highlight=False)


def _rows(check: Check) -> Iterator[tuple[str, str, str, str]]:
    verdict = "[green]ties[/]" if check.ties else "[red]DIFFERS[/]"
    if check.difference == 0 and not check.explanations:
        both = f"{check.left_name} = {check.right_name}"
        yield verdict, escape(both), plain(check.left, check.unit), check.unit
        return
    yield verdict, escape(check.left_name), plain(check.left, check.unit), check.unit
    yield "", escape(f"  {check.right_name}"), plain(check.right, check.unit), check.unit
    for item in check.explanations:
        yield "", escape(f"  of the difference: {item.reason}"), plain(item.amount, check.unit), check.unit
    if not check.ties:
        yield "", "  [red]of the difference: unexplained[/]", plain(check.unexplained, check.unit), check.unit


def show_exceptions(books: Books, console: Console) -> None:
    """Show the open ones by code: how many, one of them as an example, whose they are and what to do first."""
    open_ones = [record for record in books.exceptions if record.status is ExceptionStatus.OPEN]
    resolved = len(books.exceptions) - len(open_ones)
    on_the_way = f" (resolved on the way: {resolved})" if resolved else ""
    if not open_ones:
        console.print(f"No open exceptions{on_the_way}.\n")
        return
    console.print(f"[bold]Open exceptions: {len(open_ones)}[/]{on_the_way}")
    for _, group in groupby(sorted(open_ones, key=lambda record: record.code), key=lambda record: record.code):
        _show_code(list(group), console)
    console.print()


def _show_code(records: list[ExceptionRecord], console: Console) -> None:
    example = records[0]
    entry = CATALOG[example.code]
    times = f" x {len(records)}" if len(records) > 1 else ""
    named = example.detail.get("event_id") or example.subject
    console.print(f"  [yellow]{example.code.value}[/]{times}  [dim]({entry.owner.value})[/]", highlight=False)
    for text in (f"{named}: {example.message}", f"-> {entry.remedies[0]}"):
        console.print(Padding(escape(text), (0, 0, 0, 6), expand=False), highlight=False)
