"""Starts a Fusion with credentials of its own, set up with the least care: numbers repeat, anybody makes customers."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from simulators.erp.launch import ErpSetup, RunningErp
from simulators.erp.oracle_fusion.options import FusionOptions
from simulators.erp.oracle_fusion.simulator import OracleFusionSimulator
from simulators.erp.oracle_fusion.token_endpoint import OracleFusionCredentials
from simulators.http.server import serve

CLIENT = "usage-to-cash"


@contextmanager
def launch(setup: ErpSetup) -> Iterator[RunningErp]:
    credentials = OracleFusionCredentials(CLIENT, secrets.token_urlsafe(24))
    simulator = OracleFusionSimulator(
        companies=setup.companies,
        credentials=credentials,
        now=setup.now,
        faults=setup.faults,
        options=FusionOptions(duplicate_numbers=True, customers_by_rest=True),
    )
    with serve(simulator.app) as root:
        yield RunningErp(
            simulator,
            {
                "base_url": root,
                "token_url": simulator.token_url(root),
                "client_id": CLIENT,
                "client_secret": credentials.client_secret,
                "scope": credentials.scope,
            },
            root,
        )
