"""Starts a Dynamics 365 Finance with credentials of its own."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from simulators.erp.dynamics_finance.simulator import DynamicsFinanceSimulator
from simulators.erp.dynamics_finance.token_endpoint import DynamicsFinanceCredentials
from simulators.erp.launch import ErpSetup, RunningErp
from simulators.http.server import serve

CLIENT = "usage-to-cash"


@contextmanager
def launch(setup: ErpSetup) -> Iterator[RunningErp]:
    password = secrets.token_urlsafe(24)
    simulator = DynamicsFinanceSimulator(
        companies=setup.companies,
        credentials=DynamicsFinanceCredentials(CLIENT, password),
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
