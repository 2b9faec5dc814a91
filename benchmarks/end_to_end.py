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
from benchmarks.report import Answer, Figure

CUSTOMERS, MORE_CUSTOMERS = 200, 1_200
GOAL_SECONDS, GOAL_GIGABYTES = 120, 1.5
MEASURE = "--measure"


def answer() -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        month = _measured(Path(folder, "month"), customers=CUSTOMERS)
        wide = _measured(Path(folder, "wide"), customers=MORE_CUSTOMERS)
    invoices = wide["invoices"] - month["invoices"]
    return Answer(
        question="A month, end to end",
        module="benchmarks.end_to_end",
        setting=(
            f"{EVENTS:,} events, {CUSTOMERS} customers, 5 meters, {month['invoices']} invoices in two simulated ERPs,"
            " all tied; what `u2c run` does, in a process of its own, with moto for AWS."
        ),
        figures=(
            *(Figure(what=name, measured=seconds, unit="s") for name, seconds in month["parts"].items()),
            Figure(what="all", measured=month["seconds"], unit="s", target=GOAL_SECONDS),
            Figure(what="peak memory (RSS)", measured=month["peak_bytes"] / 1e9, unit="GB", target=GOAL_GIGABYTES),
            Figure(what="events a second", measured=EVENTS / month["seconds"]),
            Figure(
                what="1,000 further invoices",
                measured=(wide["seconds"] - month["seconds"]) * 1_000 / invoices,
                unit="s",
            ),
        ),
    )


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
        if not reported.tie_out.is_settled or reported.open_exceptions:
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
        print(answer().markdown())
