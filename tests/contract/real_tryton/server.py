"""A trytond on loopback, of the environment that requirements-tryton.lock describes."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.contract.real_tryton.ports import free_port
from tests.contract.real_tryton.postgres import Postgres

STARTS_WITHIN_SECONDS = 60
# The default of 5 retries answers parallel posters with 503; queued tasks (printing, "paid") run in the request.
SETTINGS = """
[web]
listen = 127.0.0.1:{port}
[database]
uri = {uri}
retry = 60
[session]
timeout = 3600
max_attempt = 1000
max_attempt_ip_network = 10000
[queue]
worker = False
"""


def settings_file(folder: Path, postgres: Postgres, *, port: int, name: str = "trytond") -> Path:
    file = folder / f"{name}.conf"
    file.write_text(SETTINGS.format(port=port, uri=postgres.uri))
    return file


@contextmanager
def running_trytond(
    environment: Path, postgres: Postgres, *, database: str, folder: Path, name: str = "trytond"
) -> Iterator[str]:
    """Serve the databases of this PostgreSQL; yields the root address. Writes settings and log into the folder."""
    port = free_port()
    settings = settings_file(folder, postgres, port=port, name=name)
    # Without -d the first login after the start fails.
    command = [str(environment / "bin/trytond"), "-c", str(settings), "-d", database]
    log = folder / f"{name}.log"
    with log.open("w") as lines, subprocess.Popen(command, stdout=lines, stderr=lines) as server:
        try:
            root = f"http://127.0.0.1:{port}"
            _wait_for(root, server, log)
            yield root
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_for(root: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    question = {"id": 1, "method": "common.server.version", "params": []}
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.post(f"{root}/rpc/", json=question).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"trytond does not start: see {log}")
