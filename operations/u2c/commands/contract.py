"""u2c contract check: name every fault of the usage contracts of a catalogue folder, and every promise they break."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from operations.catalog.compatibility import broken_promises
from operations.catalog.fault import CatalogFault, in_order
from operations.catalog.usage_contracts import LoadedContracts
from operations.u2c.commands.faults import show_faults
from shared.domain.master_data.faults import CatalogFaultCode
from shared.domain.usage.contract_changes import forbidden_changes

SOUND, BROKEN, FAULTY = 0, 1, 2


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser("contract", help="check the usage contracts of a catalogue", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser(
        "check",
        help="name every fault and broken promise; exit status 0, 1 or 2",
        description=(
            "Checks the folder usage_contracts of a catalogue: each contract by itself, each version against what the "
            "contract promises about the one before (backward, forward or full compatibility, after upcasting)."
        ),
        epilog="Exit status: 0 all is well; 1 a promise is broken or a published version changed; 2 a file has faults.",
    )
    check.add_argument("folder", type=Path, help="catalogue folder, with usage_contracts/NAME/contract.yaml in it")
    check.add_argument(
        "--against",
        type=Path,
        metavar="DIR",
        help="catalogue folder that is published: nothing in it may change that was measured by",
    )
    check.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    """Return 0, 1 for a broken promise or a forbidden change, 2 for faults in the files."""
    console = Console()
    loaded = LoadedContracts(arguments.folder)
    against = LoadedContracts(arguments.against) if arguments.against else None
    faults = (*loaded.faults, *(against.faults if against else ()))
    if faults:
        show_faults(map(str, faults), console)
        return FAULTY
    broken = in_order({*_broken_promises(loaded), *(_forbidden_changes(loaded, against) if against else ())})
    if broken:
        show_faults(map(str, broken), console)
        return BROKEN
    versions = sum(len(definition.versions) for definition in loaded.definitions)
    console.print(f"No fault. Usage contracts: {len(loaded.definitions)}, versions: {versions}.")
    return SOUND


def _broken_promises(loaded: LoadedContracts) -> list[CatalogFault]:
    return [
        loaded.fault(definition.name, CatalogFaultCode.INCOMPATIBLE_CONTRACT, broken.message, version=broken.version)
        for definition in loaded.definitions
        for broken in broken_promises(definition)
    ]


def _forbidden_changes(loaded: LoadedContracts, against: LoadedContracts) -> list[CatalogFault]:
    changes = forbidden_changes(against.definitions, loaded.definitions, datetime.now(UTC))
    return [
        loaded.fault(change.contract, CatalogFaultCode.FORBIDDEN_CHANGE, change.message, version=change.version)
        for change in changes
    ]
