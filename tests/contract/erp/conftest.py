"""Both ERP adapters as they run: secrets and signing key on moto, HTTP to a simulator on loopback."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import boto3
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from moto import mock_aws

from shared.adapters.erp.kms_assertion import KmsSigner
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import HttpTransport, http_client
from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import ErpMapping, LegalEntity
from shared.domain.money import currency
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.outcome import Draft, Submission
from shared.ports.erp import Erp
from simulators.erp import (
    NO_FAULTS,
    BusinessCentralCredentials,
    BusinessCentralSimulator,
    CompanySetup,
    FaultPlan,
    NetSuiteCredentials,
    NetSuiteSimulator,
    serve,
)
from tests.builders.posting import GERMANY
from tests.fakes.posting_world import EntityBooks, SimulatedClock

Simulator = BusinessCentralSimulator | NetSuiteSimulator
COMPANY = {"business_central": "5d115c9c-44e3-ea11-bb43-000d3a2feca1", "netsuite": "2"}


@dataclass(slots=True)
class PublishedEntity(EntityBooks):
    """Master data with one legal entity."""

    entity: LegalEntity | None = None

    def legal_entity(self, legal_entity_id: str) -> LegalEntity | None:  # type: ignore[override]
        return self.entity


@dataclass(slots=True)
class ErpSite:
    """One ERP with its adapter. The simulator follows the clock."""

    system: str
    simulator: Simulator
    routing: MappedErpRouting
    master_data: PublishedEntity
    clock: SimulatedClock
    secret: Mapping[str, str] = field(repr=False)

    @property
    def erp(self) -> Erp:
        return self.routing.erp_for(GERMANY)

    @property
    def is_two_step(self) -> bool:
        return self.erp.capabilities().two_step_post

    def post(self, document: PostingDocument) -> Submission:
        """Submit and, where the ERP has two steps, advance."""
        submission = self.erp.submit(document)
        return self.erp.advance(submission.ref, document) if isinstance(submission, Draft) else submission

    def posted(self) -> list[str]:
        return [document.external_ref for document in self.simulator.documents() if document.posted]


OpenSite = Callable[..., ErpSite]


@pytest.fixture
def open_site() -> Iterator[OpenSite]:
    """Return a function that starts an ERP by its system; all of them stop with the test."""
    with mock_aws(), ExitStack() as closing:

        def start(system: str, faults: FaultPlan = NO_FAULTS) -> ErpSite:
            return _site(system, faults, closing)

        yield start


@pytest.fixture(params=["business_central", "netsuite"])
def site(request: pytest.FixtureRequest, open_site: OpenSite) -> ErpSite:
    return open_site(request.param)


def _site(system: str, faults: FaultPlan, closing: ExitStack) -> ErpSite:
    clock = SimulatedClock()
    kms, secrets = boto3.client("kms"), boto3.client("secretsmanager")
    key_id = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    pem = load_der_public_key(kms.get_public_key(KeyId=key_id)["PublicKey"]).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    simulator = _simulator(system, faults, clock.now, pem.decode())
    root = closing.enter_context(serve(simulator.app))
    secret = {
        "base_url": simulator.base_url(root),
        "token_url": simulator.token_url(root),
        "client_id": "usage-to-cash",
        "client_secret": "correct horse",
        "certificate_id": "cert-1",
    }
    secrets.create_secret(Name=f"erp/{system}", SecretString=json.dumps(secret))
    master_data = PublishedEntity(entity=an_entity(system))
    routing = MappedErpRouting(
        master_data,  # type: ignore[arg-type]
        ConnectionSecrets(secrets, clock),
        KmsSigner(kms, key_id),
        HttpTransport(closing.enter_context(http_client())),
        clock,
    )
    return ErpSite(system, simulator, routing, master_data, clock, secret)


def _simulator(system: str, faults: FaultPlan, now: Callable[[], datetime], public_key_pem: str) -> Simulator:
    is_netsuite = system == "netsuite"
    company = CompanySetup(
        company=COMPANY[system],
        name="Acme GmbH",
        local_currency="EUR",
        receivable_account="1100",
        tax_account="1776",
        revenue_accounts={"540": "4400", "541": "4410"} if is_netsuite else {"4400": "4400", "4410": "4410"},
        tax_codes={"11": Decimal("0.19")} if is_netsuite else {"VAT19": Decimal("0.19"), "NOVAT": Decimal(0)},
        currencies={"EUR": "1", "USD": "2"} if is_netsuite else {"USD": "USD"},
        posting_from=date(2026, 10, 1),
    )
    if is_netsuite:
        credentials = NetSuiteCredentials("usage-to-cash", "cert-1")
        return NetSuiteSimulator(
            companies=[company], credentials=credentials, public_key_pem=public_key_pem, faults=faults, now=now
        )
    return BusinessCentralSimulator(
        companies=[company],
        credentials=BusinessCentralCredentials("usage-to-cash", "correct horse"),
        faults=faults,
        now=now,
    )


def an_entity(system: str) -> LegalEntity:
    is_netsuite = system == "netsuite"
    items = ("540", "541") if is_netsuite else ("4400", "4410")
    mapping = ErpMapping(
        system=system,
        connection=f"erp/{system}",
        company=COMPANY[system],
        receivable_account="1100",
        tax_account="1776",
        products={ProductId("api"): items[0], ProductId("storage"): items[1]},
        tax_codes={"VAT19": "11" if is_netsuite else "VAT19"},
        currencies={"EUR": "1", "USD": "2"} if is_netsuite else {},
        settings={"tax_type": "5"} if is_netsuite else {"no_tax_code": "NOVAT"},
    )
    return LegalEntity(
        legal_entity_id=GERMANY,
        name="Acme GmbH",
        country="DE",
        functional_currency=currency("EUR"),
        invoice_series="DE-",
        erp=mapping,
        approval=None,
    )
