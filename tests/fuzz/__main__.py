"""Read inputs by the million: python -m tests.fuzz [--inputs N] [--first N] [--processes N], or --replay NUMBER."""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.fuzz import inputs
from tests.fuzz.checks import HTTP_EVERY, Findings, check, check_all

CHUNK = 2_500
SHOWN = 2_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--replay", type=int, metavar="NUMBER", help="show one input, and read it")
    given = parser.parse_args()
    return _replay(given.replay) if given.replay is not None else _run(given.first, given.inputs, given.processes)


def _run(first: int, count: int, processes: int) -> int:
    begun = time.monotonic()
    findings, done = Findings(), 0
    ranges = [range(start, min(start + CHUNK, first + count)) for start in range(first, first + count, CHUNK)]
    with ProcessPoolExecutor(processes) as pool:
        for of_chunk, fault in pool.map(check_all, ranges):
            if fault is not None:
                pool.shutdown(wait=False, cancel_futures=True)
                number, trace = fault
                print(f"\ninput {number} breaks a promise\n{trace}\nreplay: make fuzz NUMBER={number}", file=sys.stderr)
                return 1
            findings.add(of_chunk)
            done += CHUNK
            if done % 50_000 == 0:
                print(f"{done:>9,} inputs, {time.monotonic() - begun:5.0f} s", flush=True)
    print(f"{count:,} inputs in {time.monotonic() - begun:.0f} s by {processes} processes: every promise held")
    print(
        f"slowest: {findings.seconds:.3f} s of CPU (input {findings.slowest}); most memory: {findings.peak_bytes:,} B"
    )
    for outcome, times in sorted(findings.outcomes.items()):
        print(f"{times:>12,}  {outcome}")
    return 0


def _replay(number: int) -> int:
    shown = inputs.request(number) if number % HTTP_EVERY == 0 else inputs.record(number)
    print(ascii(shown)[:SHOWN])
    findings = Findings()
    check(number, findings)
    print(*(f"{outcome}: {times}" for outcome, times in findings.outcomes.items()), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
