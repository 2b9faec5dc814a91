"""Name each price that differs between two catalogues: old, new, and whom it concerns.

Each of the two is a catalogue folder, or the file of a published version.
"""

import argparse
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console

from operations.catalog.load import load_catalog
from operations.u2c.commands.faults import show_faults, unreadable
from shared.contracts.catalog import catalog_digest, catalog_sections, read_catalog
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.price_changes import PriceChange, price_changes

SAME, DIFFER, UNUSABLE_INPUT = 0, 1, 2
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
    for name, what in (("old", "what is in force"), ("new", "what may take its place")):
        parser.add_argument(name, type=Path, metavar=name.upper(), help=f"{what}: catalogue folder, or version's file")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    old, new = _read(arguments.old), _read(arguments.new)
    if not isinstance(old, Catalog) or not isinstance(new, Catalog):
        show_faults((fault for one in (old, new) if isinstance(one, list) for fault in one), console)
        return UNUSABLE_INPUT
    changes = price_changes(old, new)
    for change in changes:
        console.print(_in_words(change), markup=False, highlight=False, soft_wrap=True)
    sections = (catalog_sections(old), catalog_sections(new))
    others = sorted(name for name in sections[1] if sections[0][name] != sections[1][name])
    console.print(f"Prices that differ: {len(changes)}. Sections that differ: {', '.join(others) or 'none'}.")
    console.print(f"Digests: {catalog_digest(old)} -> {catalog_digest(new)}", highlight=False)
    return DIFFER if changes else SAME


def _read(source: Path) -> Catalog | list[str]:
    if source.is_dir():
        loaded = load_catalog(source)
        return loaded if isinstance(loaded, Catalog) else [str(fault) for fault in loaded]
    try:
        published = read_catalog(json.loads(source.read_bytes(), parse_float=Decimal))
    except OSError as error:
        return [unreadable(error)]
    except (ValueError, AttributeError) as error:
        return [f"{source}: it is neither a catalogue folder nor the file of a version: {error}"]
    return published if isinstance(published, Catalog) else [_fault(source, issue) for issue in published]


def _fault(source: Path, issue: Issue) -> str:
    return f"{source}: {issue.path}: {issue.code}: {issue.message}"


def _in_words(change: PriceChange) -> str:
    who = ", ".join(change.contracts[:_NAMED]) + (", ..." if len(change.contracts) > _NAMED else "")
    concerned = f"contracts: {len(change.contracts)} ({who})" if change.contracts else "no contract"
    both = f"{change.before or '(none)'} -> {change.after or '(none)'}"
    return f"{change.place} [{change.terms}]: {both}; concerns {concerned}"
