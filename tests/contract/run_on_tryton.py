"""Start PostgreSQL and Tryton on loopback, post to them as to any ERP, stop them: make test-tryton.

They have an environment of their own, .local/tryton: Tryton is under the GPL, and what is shipped does not import it.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.contract.real_tryton.running import VARIABLE, running_tryton

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".local/tryton"
LOCK = ROOT / "requirements-tryton.lock"
RUNS_AT_MOST_SECONDS = 600
SUITES = ["tests/contract/erp/real_tryton"]


def main() -> int:
    begun = time.monotonic()
    with running_tryton(ENVIRONMENT, lock=LOCK) as tryton, tempfile.TemporaryDirectory() as scratch:
        told = Path(scratch) / "tryton.json"
        tryton.write_to(told)
        ready = time.monotonic()
        tests = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *SUITES],
            cwd=ROOT,
            env={**os.environ, VARIABLE: str(told)},
            timeout=RUNS_AT_MOST_SECONDS,
            check=False,
        )
    print(f"Tryton was ready in {ready - begun:.1f} s, the tests took {time.monotonic() - ready:.0f} s")
    return tests.returncode


if __name__ == "__main__":
    sys.exit(main())
