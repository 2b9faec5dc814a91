"""Name each entry of a mapping that differs between two catalogues: whose, old, new.

Each of the two is a catalogue folder, or the file of a published version. Nothing is asked of an ERP: what it knows of
the new entries, `u2c mapping check --proposed` tells.
"""

import argparse
from typing import Any

from rich.console import Console

from operations.u2c.commands.catalog_sides import DIFFER, SAME, UNUSABLE_INPUT, add_sides, digests, sides
from shared.domain.master_data.mapping_changes import MappingChange, mapping_changes

EPILOG = """\
exit status:
  0  both map to the same
  1  mappings differ
  2  one of the two cannot be used; every fault is named

The digest is that of the whole catalogue, and ends the name of its version once
it is published: what was reviewed is what is in force if the two are the same.

for example:
  u2c mapping diff main/catalog proposed/catalog
"""


def register(actions: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = actions.add_parser(
        "diff",
        help="name each entry that differs between the mappings of two catalogues",
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
    changes = mapping_changes(*both)
    for change in changes:
        console.print(_in_words(change), markup=False, highlight=False, soft_wrap=True)
    entities = len({change.legal_entity_id for change in changes})
    console.print(f"Mapping entries that differ: {len(changes)}, of legal entities: {entities}.", highlight=False)
    console.print(digests(*both), highlight=False)
    return DIFFER if changes else SAME


def _in_words(change: MappingChange) -> str:
    before, after = ("(none)" if key is None else key or '""' for key in (change.before, change.after))
    return f"{change.legal_entity_id}: {change.name}: {before} -> {after}"
