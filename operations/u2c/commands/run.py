"""Run the whole cash cycle on a catalogue folder and a file of usage events.

Out come invoices, postings, exceptions, lineage, ledger and the tie-out.
Everything runs on this machine and reaches no AWS account and no ERP.
"""

import argparse
import sys
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from operations.catalog.fault import CatalogFault
from operations.catalog.load import load_catalog
from operations.u2c.commands.faults import show_faults, unreadable
from operations.u2c.events_file import NoEventsError, read_events_file
from operations.u2c.output_files import OUTPUT_FILES
from shared.domain.master_data.catalog import Catalog

if TYPE_CHECKING:
    from operations.u2c.report import Reported
    from operations.u2c.run import RunInput
    from simulators.erp import FaultPlan

_WHOLE_NUMBERS = {"seed", "late_commit_seconds", "read_lag_seconds"}  # of a plan of faults
LONGEST_AFTER_THE_LAST_EVENT = timedelta(days=10 * 365)  # a year takes minutes, and a mistyped one would take days
ALL_TIES, DIFFERS, UNUSABLE_INPUT, TIES_WITH_EXCEPTIONS, TIES_AND_WAITS = 0, 1, 2, 3, 4

EPILOG = """\
exit status:
  0  everything ties and is posted, and no exception is open
  1  something does not tie
  2  the catalogue or the events file cannot be used; every fault is named
  3  everything ties and is posted, and exceptions are open for somebody to look at
  4  everything ties, and documents wait for their ERPs, or for an accounting
     period: they are not posted, whether exceptions are open or not

Time is simulated: an event arrives at its own time, or at its attribute
"arrivaltime". The ERPs are simulators on this machine. A folder
updates/YYYY-MM-DD inside the catalogue is read on top of it and published on
that day. docs/guides/catalog.md tells how to write a catalogue.

for example:
  u2c run --catalog events/scenarios/demo/catalog \\
          --events events/scenarios/demo/march.jsonl --out out/march
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
        help="let the ERP simulators fail by chance, e.g. throttle=0.1,lose_reply=0.1,seed=7; "
        "docs/guides/erp-simulators.md tells what each NAME does",
    )
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    return read_run_report(arguments, Console(file=sys.stdout))  # where it is now: functions print into their log


def read_run_report(arguments: argparse.Namespace, console: Console) -> int:
    """Do it all, or name every fault of the input; return the exit status."""
    try:
        given = read_input(arguments)
    except UnusableInputError as unusable:
        show_faults(unusable.args, console)
        return UNUSABLE_INPUT
    return run_and_report(given, arguments.out, console)


class UnusableInputError(ValueError):
    """The input cannot be used; each argument is one fault in words."""


def read_input(arguments: argparse.Namespace) -> "RunInput":
    """Read catalogue and events; raise UnusableInputError naming every fault."""
    _check_results_folder(arguments.out)
    catalogs = _catalogs(arguments.catalog)
    try:
        events = read_events_file(arguments.events)
    except OSError as error:
        raise UnusableInputError(unreadable(error)) from error
    except NoEventsError as error:
        raise UnusableInputError(str(error)) from error
    if arguments.until and arguments.until <= events.lines[0].arrives_at:
        first = f"{events.lines[0].arrives_at:%Y-%m-%d}"
        raise UnusableInputError(f"--until {arguments.until:%Y-%m-%d}: the first event arrives only on {first}")
    last = events.lines[-1].arrives_at
    if arguments.until and arguments.until - last > LONGEST_AFTER_THE_LAST_EVENT:
        years = LONGEST_AFTER_THE_LAST_EVENT.days // 365
        message = f"that is more than {years} years after the last event, which arrives on {last:%Y-%m-%d}"
        raise UnusableInputError(f"--until {arguments.until:%Y-%m-%d}: {message}")

    from operations.u2c.run import RunInput  # noqa: PLC0415 - the platform takes seconds to import, faults should not

    return RunInput(
        catalogs=catalogs,
        events=events,
        events_name=arguments.events.name,
        until=arguments.until,
        faults=_fault_plan(arguments.erp_faults),
    )


def run_and_report(given: "RunInput", out: Path, console: Console) -> int:
    """Run, write the results, print them, and return the exit status."""
    from operations.u2c.report import report_run  # noqa: PLC0415
    from operations.u2c.run import Stopwatch, logs_in, run  # noqa: PLC0415

    watch: Stopwatch = Stopwatch()
    with logs_in(Path(f"{out.resolve()}.log")), run(given, console=console, watch=watch) as result:
        return exit_status(report_run(result, given, out, watch, console))


def exit_status(report: "Reported") -> int:
    if not report.tie_out.ties:
        return DIFFERS
    if not report.tie_out.is_settled:
        return TIES_AND_WAITS
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


def _check_results_folder(out: Path) -> None:
    """Refuse what is not ours to replace."""
    if out.exists() and not out.is_dir():
        raise UnusableInputError(f"--out {out}: it is not a folder")
    others = sorted(path.name for path in out.glob("*") if path.name not in OUTPUT_FILES)
    if others:
        raise UnusableInputError(f"--out {out}: it would be replaced, and holds {others[0]}, which no run has written")


def _fault_plan(faults: dict[str, float | int]) -> "FaultPlan":
    from simulators.erp import FaultPlan  # noqa: PLC0415

    known = [field.name for field in fields(FaultPlan)]
    unknown = [name for name in faults if name not in known]
    if unknown:
        raise UnusableInputError(f"--erp-faults: there is no {unknown[0]!r}; there are {', '.join(known)}")
    try:
        return FaultPlan(**faults)  # type: ignore[arg-type]
    except ValueError as error:
        raise UnusableInputError(f"--erp-faults: {error}") from error


def _date(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date (YYYY-MM-DD)") from None


def _faults(text: str) -> dict[str, float | int]:
    faults: dict[str, float | int] = {}
    for pair in text.split(","):
        name, _, value = pair.partition("=")
        try:
            faults[name.strip()] = int(value) if name.strip() in _WHOLE_NUMBERS else float(value)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{pair!r} is not NAME=CHANCE") from None
    return faults
