"""What a run says on screen: progress while it works, the tie-out and the exceptions at its end."""

from collections import Counter
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from operations.u2c.books import Books
from shared.domain.currencies import MINOR_UNITS
from shared.domain.exception_record import ExceptionStatus
from shared.domain.exceptions_catalog import CATALOG
from shared.domain.reconciliation.tie_out import TieOut


def plain(number: Decimal, unit: str = "") -> str:
    """Write a number for a reader: thousands apart, no exponent; an amount of money with all its decimals."""
    decimals = MINOR_UNITS.get(unit, 0)
    shortest = -int(number.normalize().as_tuple().exponent)
    return f"{number:,.{max(decimals, shortest, 0)}f}"


def show_tie_out(tie_out: TieOut, console: Console) -> None:
    table = Table(title="Tie-out", title_justify="left", show_edge=False, pad_edge=False)
    for heading, justify in (
        ("", "left"),
        ("left", "left"),
        ("", "right"),
        ("right", "left"),
        ("", "right"),
        ("unit", "left"),
        ("difference", "right"),
    ):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for check in tie_out.checks:
        table.add_row(
            "[green]ties[/]" if check.ties else "[red]DIFFERS[/]",
            check.left_name,
            plain(check.left, check.unit),
            check.right_name,
            plain(check.right, check.unit),
            check.unit,
            plain(check.difference, check.unit),
        )
        for item in check.explanations:
            table.add_row("", f"  of which {item.reason}", "", "", "", "", plain(item.amount, check.unit))
        if not check.ties:
            table.add_row("", "  [red]unexplained[/]", "", "", "", "", plain(check.unexplained, check.unit))
    console.print(table)


def show_exceptions(books: Books, console: Console) -> None:
    open_ones = [record for record in books.exceptions if record.status is ExceptionStatus.OPEN]
    resolved = len(books.exceptions) - len(open_ones)
    if not open_ones:
        console.print(f"No open exceptions ({resolved} were resolved on the way).")
        return
    table = Table(
        title=f"Open exceptions ({resolved} more were resolved on the way)",
        title_justify="left",
        show_edge=False,
        pad_edge=False,
    )
    for heading in ("code", "count", "owner", "for example", "what to do"):
        table.add_column(heading)
    counts = Counter(record.code for record in open_ones)
    for code, count in sorted(counts.items()):
        example = next(record for record in open_ones if record.code is code)
        entry = CATALOG[code]
        table.add_row(
            code.value, str(count), entry.owner.value, f"{example.subject}: {example.message}", entry.remedies[0]
        )
    console.print(table)
