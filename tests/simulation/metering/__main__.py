"""`make simulate`: every single fault, every pair on the short scenarios, and many random histories, on all cores."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path

from tests.simulation.metering.coverage import as_table
from tests.simulation.metering.faults import FaultKind
from tests.simulation.metering.runs import Outcome, is_name, pair_names, report, run, single_fault_names
from tests.simulation.metering.scenarios import IN_PAIRS, SCENARIOS

RANDOM_HISTORIES = 20_000
MOST_FAILURES_TOLD = 10
_A_TASK = 50  # histories
_SECONDS_BETWEEN_REPORTS = 10
_TRACE = Path("out/simulation")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seed", default="", help="the one history to replay: a number, or a scenario with its faults")
    parser.add_argument("--histories", type=int, default=RANDOM_HISTORIES, help="how many random histories")
    asked = parser.parse_args(arguments)
    if asked.seed and not is_name(asked.seed):
        parser.error(
            f"--seed: {asked.seed!r} is no history: a number is one, or a scenario with a call and its fault,"
            f" as a failure names it; scenarios are {', '.join(SCENARIOS)}, faults {', '.join(FaultKind)}"
        )
    return _replay(asked.seed) if asked.seed else _simulate(asked.histories)


def _replay(name: str) -> int:
    """Run one history again, and write its trace where it can be read."""
    outcome, world = run(name)
    _TRACE.mkdir(parents=True, exist_ok=True)
    trace = _TRACE / f"{name.replace('/', '_').replace(':', '-')}.trace"
    trace.write_text("\n".join(world.trace) + "\n")
    print(f"{outcome.calls} calls, trace {outcome.digest} in {trace}")  # noqa: T201
    print(report(outcome) if outcome.failure else "every invariant holds")  # noqa: T201
    return 1 if outcome.failure else 0


def _simulate(histories: int) -> int:
    hits: Counter[tuple[str, FaultKind]] = Counter()
    failures: list[Outcome] = []
    began = told = time.monotonic()
    done = calls = 0
    with get_context("fork").Pool(os.cpu_count()) as pool:
        for ended, called, hit, failed in pool.imap_unordered(_run_many, _tasks(histories)):
            done, calls = done + ended, calls + called
            hits.update(hit)
            failures += failed
            for outcome in failed[: max(0, MOST_FAILURES_TOLD - len(failures) + len(failed))]:
                print(report(outcome), flush=True)  # noqa: T201
            if time.monotonic() - told > _SECONDS_BETWEEN_REPORTS:
                told = time.monotonic()
                print(f"{told - began:4.0f} s: {done:,} histories, {calls:,} calls, {len(failures)} failed", flush=True)  # noqa: T201
    print(as_table(hits))  # noqa: T201
    print(f"{done:,} histories with {calls:,} calls in {time.monotonic() - began:.0f} s: {len(failures)} failed")  # noqa: T201
    return 1 if failures else 0


def _tasks(histories: int) -> Iterator[list[str]]:
    """Yield names in portions. The pairs of one first fault are found by whoever runs them: "+" asks for them."""
    singles = [name for scenario in SCENARIOS for name in single_fault_names(scenario)]
    pairs = (f"{name}/+" for name in singles if name.partition("/")[0] in IN_PAIRS)
    yield from _portions(iter(singles), _A_TASK)
    yield from _portions(pairs, 1)
    yield from _portions((str(seed) for seed in range(histories)), _A_TASK)


def _portions(names: Iterator[str], size: int) -> Iterator[list[str]]:
    while portion := list(islice(names, size)):
        yield portion


def _run_many(names: list[str]) -> tuple[int, int, Counter[tuple[str, FaultKind]], list[Outcome]]:
    hits: Counter[tuple[str, FaultKind]] = Counter()
    failed: list[Outcome] = []
    done = calls = 0
    for name in chain.from_iterable(_spelled_out(name) for name in names):
        outcome, _ = run(name)
        done, calls = done + 1, calls + outcome.calls
        hits.update(outcome.hits)
        if outcome.failure:
            failed.append(outcome)
    return done, calls, hits, failed


def _spelled_out(name: str) -> Iterator[str]:
    if not name.endswith("/+"):
        return iter([name])
    first = name.removesuffix("/+")
    return pair_names(first.partition("/")[0], first)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
