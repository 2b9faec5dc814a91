"""A database with Tryton's modules in it: from a dump of an earlier run, or made anew (some 45 seconds) and dumped.

The dump is named after PostgreSQL and the lock, so that other versions of them never meet it.
"""

import hashlib
import os
import subprocess
from pathlib import Path

from tests.contract.real_tryton.postgres import Postgres
from tests.contract.real_tryton.server import settings_file

DATABASE = "initialised"
ADMINISTRATOR, PASSWORD = "admin", "correct-horse-battery"
MODULES = "account_invoice"
MADE_WITHIN_SECONDS = 180


def prepare(environment: Path, postgres: Postgres, *, lock: Path, dumps: Path, folder: Path) -> None:
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    dump = dumps / f"initialised-{postgres.version}-{digest}.dump"
    postgres.execute(f"create database {DATABASE}")
    if dump.exists():
        postgres.run("pg_restore", "-j", "2", "-d", DATABASE, str(dump))
        return
    _initialise(environment, postgres, folder)
    dumps.mkdir(parents=True, exist_ok=True)
    unfinished = dump.with_suffix(f".{os.getpid()}")  # another clone may make the same one
    postgres.run("pg_dump", "-Fc", "-d", DATABASE, "-f", str(unfinished))
    unfinished.rename(dump)


def _initialise(environment: Path, postgres: Postgres, folder: Path) -> None:
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    settings = settings_file(folder, postgres, port=0)
    with (folder / "initialisation.log").open("w") as log:
        subprocess.run(
            [
                *(str(environment / "bin/trytond-admin"), "-c", str(settings), "-d", DATABASE, "-u", MODULES),
                *("--activate-dependencies", "--email", "admin@example.com"),
            ],
            env={**os.environ, "TRYTONPASSFILE": str(password_file)},
            stdout=log,
            stderr=log,
            timeout=MADE_WITHIN_SECONDS,
            check=True,
        )
