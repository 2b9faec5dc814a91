"""Starts a Business Central with credentials of its own."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from simulators.erp.business_central.simulator import BusinessCentralSimulator
from simulators.erp.business_central.token_endpoint import BusinessCentralCredentials
from simulators.erp.launch import ErpSetup, RunningErp
from simulators.http.server import serve

CLIENT = "usage-to-cash"


@contextmanager
def launch(setup: ErpSetup) -> Iterator[RunningErp]:
    password = secrets.token_urlsafe(24)
    simulator = BusinessCentralSimulator(
        companies=setup.companies,
        credentials=BusinessCentralCredentials(CLIENT, password),
        faults=setup.faults,
        now=setup.now,
    )
    with serve(simulator.app) as root:
        yield RunningErp(
            simulator,
            {
                "base_url": simulator.base_url(root),
                "token_url": simulator.token_url(root),
                "client_id": CLIENT,
                "client_secret": password,
            },
            root,
        )
