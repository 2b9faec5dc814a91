"""Starts an SAP S/4HANA Cloud with a communication user of its own."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from simulators.erp.launch import ErpSetup, RunningErp
from simulators.erp.sap_s4hana.communication_user import SapCredentials
from simulators.erp.sap_s4hana.simulator import SapS4HanaSimulator
from simulators.http.server import serve

USER = "U2CPOST"
CLIENT = "sap-u2c-client"


@contextmanager
def launch(setup: ErpSetup) -> Iterator[RunningErp]:
    password = secrets.token_urlsafe(24)
    simulator = SapS4HanaSimulator(
        companies=setup.companies,
        credentials=SapCredentials(USER, password, CLIENT),
        faults=setup.faults,
        now=setup.now,
    )
    with serve(simulator.app) as root:
        yield RunningErp(
            simulator,
            {
                "base_url": root,
                "token_url": simulator.token_url(root),
                "client_id": CLIENT,
                "client_secret": password,
            },
            root,
        )
