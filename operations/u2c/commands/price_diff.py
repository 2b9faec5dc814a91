"""Name each price that differs between two catalogues: old, new, and whom it concerns.

Each of the two is a catalogue folder, or the file of a published version.
"""

import argparse
from typing import Any

from rich.console import Console

from operations.u2c.commands.catalog_sides import DIFFER, SAME, UNUSABLE_INPUT, add_sides, digests, sides
from shared.contracts.catalog import catalog_sections
from shared.domain.master_data.mapping_changes import mapping_changes
from shared.domain.master_data.price_changes import PriceChange, price_changes

_NAMED = 5

EPILOG = """\
exit status:
  0  both have the same prices
  1  prices differ
  2  one of the two cannot be used; every fault is named

The digest is that of the whole catalogue, and ends the name of its version once
it is published: what was reviewed is what is in force if the two are the same.

for example:
  u2c price diff main/catalog proposed/catalog
"""


def register(actions: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = actions.add_parser(
        "diff",
        help="name each price that differs between two catalogues, and whom it concerns",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_sides(parser)
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    both = sides(arguments, console)
    if both is None:
        return UNUSABLE_INPUT
    old, new = both
    changes = price_changes(old, new)
    for change in changes:
        console.print(_in_words(change), markup=False, highlight=False, soft_wrap=True)
    before, after = catalog_sections(old), catalog_sections(new)
    others = sorted(name for name in after if before[name] != after[name])
    console.print(f"Prices that differ: {len(changes)}. Sections that differ: {', '.join(others) or 'none'}.")
    if mapped := mapping_changes(old, new):
        text = (
            f"Mapping entries that differ: {len(mapped)}. u2c mapping diff {arguments.old} {arguments.new} names them."
        )
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    console.print(digests(old, new), highlight=False)
    return DIFFER if changes else SAME


def _in_words(change: PriceChange) -> str:
    who = ", ".join(change.contracts[:_NAMED]) + (", ..." if len(change.contracts) > _NAMED else "")
    concerned = f"contracts: {len(change.contracts)} ({who})" if change.contracts else "no contract"
    both = f"{change.before or '(none)'} -> {change.after or '(none)'}"
    return f"{change.place} [{change.terms}]: {both}; concerns {concerned}"
