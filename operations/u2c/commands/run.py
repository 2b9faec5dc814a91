"""u2c run: a catalogue folder and an events file in, invoices, postings, exceptions, lineage and the tie-out out."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from operations.catalog.load import CatalogFault, load_catalog
from operations.u2c.events_file import NoEventsError, read_events_file
from shared.domain.master_data.catalog import Catalog

if TYPE_CHECKING:
    from operations.u2c.run import RunInput

ALL_TIES, DIFFERS, UNUSABLE_INPUT, TIES_WITH_EXCEPTIONS = 0, 1, 2, 3

EPILOG = """\
exit status:
  0  everything ties and no exception is open
  1  something does not tie
  2  the catalogue or the events file cannot be used; every fault is named
  3  everything ties, and exceptions are open for somebody to look at

Time is simulated: an event arrives at its own time, or at its attribute "arrivaltime". The ERPs are simulators on this
machine. A folder updates/YYYY-MM-DD inside the catalogue is read on top of it and published on that day.
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser(
        "run",
        help="run the whole cash cycle on a catalogue and a file of usage events",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--catalog", required=True, type=Path, metavar="DIR", help="catalogue folder (YAML or JSON)")
    parser.add_argument(
        "--events", required=True, type=Path, metavar="FILE", help="CloudEvents, one JSON object a line"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="where the results go; replaced whole")
    parser.add_argument(
        "--until",
        type=_date,
        metavar="DATE",
        help="simulated end (default: the last event's month is billed)",
    )
    parser.add_argument(
        "--erp-faults",
        type=_faults,
        default={},
        metavar="NAME=CHANCE,...",
        help="let the ERP simulators fail, e.g. throttle=0.1,lose_reply=0.1,seed=7",
    )
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    console = Console()
    try:
        given = read_input(arguments)
    except UnusableInputError as unusable:
        for line in unusable.args:
            console.print(line, style="red", markup=False, highlight=False)
        return UNUSABLE_INPUT
    return run_and_report(given, arguments.out, console)


class UnusableInputError(ValueError):
    """The input cannot be used; each argument is one fault in words."""


def read_input(arguments: argparse.Namespace) -> "RunInput":
    """Read catalogue and events; raise UnusableInputError naming every fault."""
    from operations.u2c.run import RunInput  # noqa: PLC0415 - the platform takes seconds to import, faults should not
    from simulators.erp import FaultPlan  # noqa: PLC0415

    catalogs = _catalogs(arguments.catalog)
    try:
        events = read_events_file(arguments.events)
        faults = FaultPlan(**arguments.erp_faults)
    except OSError as error:
        raise UnusableInputError(f"{arguments.events}: {error.strerror}") from error
    except (NoEventsError, TypeError, ValueError) as error:
        raise UnusableInputError(str(error)) from error
    return RunInput(
        catalogs=catalogs,
        events=events,
        events_name=arguments.events.name,
        until=arguments.until,
        faults=faults,
    )


def run_and_report(given: "RunInput", out: Path, console: Console) -> int:
    """Run, write the results, print them, and return the exit status."""
    from operations.u2c.report import report_run  # noqa: PLC0415
    from operations.u2c.run import Stopwatch, logs_in, run  # noqa: PLC0415

    watch: Stopwatch = Stopwatch()
    with logs_in(out.with_name(out.name + ".log")), run(given, console=console, watch=watch) as result:
        report = report_run(result, given, out, watch, console)
    if not report.tie_out.ties:
        return DIFFERS
    return TIES_WITH_EXCEPTIONS if report.open_exceptions else ALL_TIES


def _catalogs(folder: Path) -> list[tuple[datetime | None, Catalog]]:
    updates = sorted(path for path in (folder / "updates").glob("*") if path.is_dir())
    catalogs: list[tuple[datetime | None, Catalog]] = [(None, _loaded(folder))]
    for number, update in enumerate(updates, start=1):
        try:
            day = _date(update.name)
        except argparse.ArgumentTypeError as error:
            raise UnusableInputError(f"{update}: {error}") from error
        catalogs.append((day, _loaded(folder, *updates[:number])))
    return catalogs


def _loaded(*folders: Path) -> Catalog:
    result = load_catalog(*folders)
    if isinstance(result, Catalog):
        return result
    faults: tuple[CatalogFault, ...] = result
    raise UnusableInputError(*(str(fault) for fault in faults))


def _date(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date (YYYY-MM-DD)") from None


def _faults(text: str) -> dict[str, float | int]:
    faults: dict[str, float | int] = {}
    for pair in text.split(","):
        name, _, value = pair.partition("=")
        try:
            faults[name.strip()] = int(value) if name.strip() in {"seed", "late_commit_seconds"} else float(value)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{pair!r} is not NAME=CHANCE") from None
    return faults
