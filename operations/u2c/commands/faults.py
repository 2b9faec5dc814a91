"""How faults of the input are shown: one a line, never wrapped, so that editors and grep find FILE:LINE."""

from collections.abc import Iterable

from rich.console import Console


def show_faults(faults: Iterable[str], console: Console) -> None:
    for fault in faults:
        console.print(fault, style="red", markup=False, highlight=False, soft_wrap=True)
