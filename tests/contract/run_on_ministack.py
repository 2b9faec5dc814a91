"""Start ministack on loopback, run the adapters' contract suites on it, stop it: make test-ministack.

The server has an environment of its own, .local/ministack: it does not go together with our version of boto3.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
SERVER = ROOT / ".local/ministack/bin/ministack"
LOG = ROOT / ".local/ministack/server.log"
STARTS_WITHIN_SECONDS = 30
RUNS_AT_MOST_SECONDS = 600


def main() -> int:
    begun = time.monotonic()
    with running_server() as url:
        ready = time.monotonic()
        suites = ["tests/contract/adapters", "tests/contract/stand_ins"]
        tests = subprocess.run(
            # "memory" is in the name of every case of a fake: those have nothing to do with the server.
            [sys.executable, "-m", "pytest", "-q", "-p", "tests.contract.ministack", "-k", "not memory", *suites],
            cwd=ROOT,
            env={**os.environ, "AWS_ENDPOINT_URL": url},
            timeout=RUNS_AT_MOST_SECONDS,
            check=False,
        )
    print(f"ministack was ready in {ready - begun:.1f} s, the suites took {time.monotonic() - ready:.0f} s")
    return tests.returncode


@contextmanager
def running_server() -> Iterator[str]:
    port = _free_port()
    own = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
    with LOG.open("w") as log, subprocess.Popen([SERVER], env={**os.environ, **own}, stdout=log, stderr=log) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, server)
            yield url
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.get(f"{url}/_ministack/health").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"ministack does not start: see {LOG}")


if __name__ == "__main__":
    sys.exit(main())
