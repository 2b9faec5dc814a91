"""Starts a NetSuite account that knows the certificate of one integration."""

from collections.abc import Iterator
from contextlib import contextmanager

from simulators.erp.launch import ErpSetup, RunningErp
from simulators.erp.netsuite.simulator import NetSuiteSimulator
from simulators.erp.netsuite.token_endpoint import NetSuiteCredentials
from simulators.http.server import serve

CLIENT = "usage-to-cash"
CERTIFICATE = "local-run-certificate"


@contextmanager
def launch(setup: ErpSetup) -> Iterator[RunningErp]:
    simulator = NetSuiteSimulator(
        companies=setup.companies,
        credentials=NetSuiteCredentials(client_id=CLIENT, certificate_id=CERTIFICATE),
        public_key_pem=setup.public_key_pem,
        faults=setup.faults,
        now=setup.now,
    )
    with serve(simulator.app) as root:
        yield RunningErp(
            simulator,
            {"base_url": simulator.base_url(root), "client_id": CLIENT, "certificate_id": CERTIFICATE},
            root,
        )
