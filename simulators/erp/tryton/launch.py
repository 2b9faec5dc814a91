"""Starts a Tryton with one user who may post."""

from collections.abc import Iterator
from contextlib import contextmanager

from simulators.erp.launch import ErpSetup, RunningErp
from simulators.erp.tryton.simulator import TrytonSimulator
from simulators.http.server import serve

KEY = "key-of-a-local-run"
USER = "usage-to-cash"
PASSWORD = "password of a local run"  # noqa: S105 - it opens a simulator


@contextmanager
def launch(setup: ErpSetup) -> Iterator[RunningErp]:
    simulator = TrytonSimulator(
        companies=setup.companies, key=KEY, user=USER, password=PASSWORD, faults=setup.faults, now=setup.now
    )
    with serve(simulator.app) as root:
        secret = {"base_url": simulator.base_url(root), "key": KEY, "user": USER, "password": PASSWORD}
        yield RunningErp(simulator, secret, root)
