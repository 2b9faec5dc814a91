"""The two catalogues that a comparison is between: each a catalogue folder, or the file of a published version."""

import argparse
import json
from decimal import Decimal
from pathlib import Path

from rich.console import Console

from operations.catalog.load import load_catalog
from operations.u2c.commands.faults import show_faults, unreadable
from shared.contracts.catalog import catalog_digest, read_catalog
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Catalog

SAME, DIFFER, UNUSABLE_INPUT = 0, 1, 2


def add_sides(parser: argparse.ArgumentParser) -> None:
    for name, what in (("old", "what is in force"), ("new", "what may take its place")):
        parser.add_argument(name, type=Path, metavar=name.upper(), help=f"{what}: catalogue folder, or version's file")


def sides(arguments: argparse.Namespace, console: Console) -> tuple[Catalog, Catalog] | None:
    """Return both; None where one cannot be used, with every fault shown."""
    old, new = _read(arguments.old), _read(arguments.new)
    if isinstance(old, Catalog) and isinstance(new, Catalog):
        return old, new
    show_faults((fault for one in (old, new) if isinstance(one, list) for fault in one), console)
    return None


def digests(old: Catalog, new: Catalog) -> str:
    return f"Digests: {catalog_digest(old)} -> {catalog_digest(new)}"


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
