"""A served simulator of each ERP."""

from collections.abc import Iterator

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from simulators.erp import serve
from simulators.erp.business_central.simulator import BusinessCentralSimulator
from simulators.erp.business_central.token_endpoint import BusinessCentralCredentials
from simulators.erp.netsuite.simulator import NetSuiteSimulator
from simulators.erp.netsuite.token_endpoint import NetSuiteCredentials
from tests.contract.simulators.callers import ACME, GLOBEX, INITECH, BusinessCentral, HandClock, NetSuite


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def business_central(clock: HandClock) -> Iterator[BusinessCentral]:
    simulator = BusinessCentralSimulator(
        companies=[ACME], credentials=BusinessCentralCredentials("u2c", "s3cret"), now=clock.now
    )
    with serve(simulator.app) as root, httpx.Client(timeout=10, verify=False) as http:
        caller = BusinessCentral(
            root, simulator.base_url(root), simulator.token_url(root), http, simulator=simulator, clock=clock
        )
        caller.token = caller.sign_in().json()["access_token"]
        yield caller


@pytest.fixture
def netsuite(clock: HandClock) -> Iterator[NetSuite]:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    simulator = NetSuiteSimulator(
        companies=[GLOBEX, INITECH],
        credentials=NetSuiteCredentials("integration-1", "cert-1"),
        public_key_pem=pem,
        now=clock.now,
    )
    with serve(simulator.app) as root, httpx.Client(timeout=10, verify=False) as http:
        caller = NetSuite(
            root, simulator.base_url(root), simulator.token_url(root), http, simulator=simulator, clock=clock, key=key
        )
        caller.token = caller.sign_in().json()["access_token"]
        yield caller
