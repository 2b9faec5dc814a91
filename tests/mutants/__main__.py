"""Change the code in each small way and see whether a test fails: python -m tests.mutants, or --replay MUTANT."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from tests.mutants.report import ENOUGH, document, judged_mutants

DOCUMENT = Path("docs/mutation-results.md")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--replay", metavar="MUTANT", help="show one mutant, and run its tests")
    parser.add_argument("--again", action="store_true", help="judge only functions that changed, and what lived")
    given = parser.parse_args()
    processes = ("--max-children", str(given.processes))
    if given.replay:
        return _mutmut("run", given.replay) or _mutmut("show", given.replay)
    if not given.again:
        shutil.rmtree("mutants", ignore_errors=True)
    if failed := _mutmut("run", *processes):
        return failed
    if given.again and (alive := [one.name for one in judged_mutants() if not one.killed]):
        _mutmut("run", *processes, *alive)
    mutants = judged_mutants()
    text, least = document(mutants)
    DOCUMENT.write_text(text, encoding="utf-8")
    print(f"{len(mutants):,} mutants, {least:.1%} killed where fewest are; written to {DOCUMENT}")
    return 0 if least >= ENOUGH else 1


def _mutmut(*arguments: str) -> int:
    return subprocess.run([Path(sys.executable).with_name("mutmut"), *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
