"""Measures a whole month, from 100,000 events in a file to documents in two simulated ERPs that tie.

Each run is what `u2c run` does, in a process of its own, so that its peak memory is its own. A second run bills as
many events to 1,000 more customers: the difference is the price of an invoice.
"""

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.month_load import EVENTS, write_month

CUSTOMERS, MORE_CUSTOMERS = 200, 1_200
GOAL_SECONDS, GOAL_BYTES = 120, 1_500_000_000
MEASURE = "--measure"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        month = _measured(Path(folder, "month"), customers=CUSTOMERS)
        wide = _measured(Path(folder, "wide"), customers=MORE_CUSTOMERS)
    invoices = wide["invoices"] - month["invoices"]
    print(f"{EVENTS:,} events, {CUSTOMERS} customers, 5 meters, one month, {month['invoices']} invoices, all tied\n")
    for name, seconds in month["parts"].items():
        print(f"{name:32}{seconds:8.1f} s")
    print(f"{'all':32}{month['seconds']:8.1f} s    (goal: at most {GOAL_SECONDS} s)")
    print(f"{'peak memory (RSS)':32}{month['peak_bytes'] / 1e9:8.2f} GB   (goal: at most {GOAL_BYTES / 1e9:.1f} GB)")
    print(f"{'events a second':32}{EVENTS / month['seconds']:8,.0f}")
    print(f"{'1,000 further invoices':32}{(wide['seconds'] - month['seconds']) * 1_000 / invoices:8.1f} s")


def _measured(folder: Path, *, customers: int) -> dict[str, Any]:
    catalog, events = write_month(folder, customers=customers)
    command = [sys.executable, "-m", "benchmarks.end_to_end", MEASURE, str(catalog), str(events), str(folder / "out")]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, Any] = json.loads(ended.stdout)
    return measured


def measure(catalog: Path, events: Path, out: Path) -> dict[str, Any]:
    """Run a month in this process; what is imported late is imported as `u2c run` does it, and counts."""
    from operations.catalog.load import load_catalog  # noqa: PLC0415
    from operations.u2c.events_file import read_events_file  # noqa: PLC0415
    from operations.u2c.report import report_run  # noqa: PLC0415
    from operations.u2c.run import RunInput, Stopwatch, logs_in, run  # noqa: PLC0415
    from shared.domain.master_data.catalog import Catalog  # noqa: PLC0415
    from simulators.erp import FaultPlan  # noqa: PLC0415

    watch, console = Stopwatch(), Console(quiet=True)
    with watch.part("read catalogue and events"):
        loaded = load_catalog(catalog)
        assert isinstance(loaded, Catalog), loaded
        given = RunInput(
            catalogs=[(None, loaded)],
            events=read_events_file(events),
            events_name=events.name,
            until=None,
            faults=FaultPlan(),
        )
    with logs_in(out.with_name("log")), run(given, console=console, watch=watch) as result:
        reported = report_run(result, given, out, watch, console)
        if not reported.tie_out.ties or reported.open_exceptions:
            raise RuntimeError(f"the month does not tie or left exceptions, see {out}")
    return {
        "invoices": len(result.books.invoices),
        "parts": watch.seconds,
        "seconds": sum(watch.seconds.values()),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }


if __name__ == "__main__":
    if sys.argv[1:2] == [MEASURE]:
        print(json.dumps(measure(*map(Path, sys.argv[2:]))))
    else:
        main()
