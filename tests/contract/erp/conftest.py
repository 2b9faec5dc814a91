"""Every ERP adapter as it runs: secrets in memory, the signing key on moto, HTTP to a simulator on loopback."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from moto import mock_aws

from operations.u2c.simulated_company import company_setup
from shared.adapters.erp.kms_assertion import KmsSigner
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.site import ErpSite
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import HttpTransport, http_client
from shared.domain.master_data.catalog import LegalEntity, TaxRate
from shared.domain.money import currency
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import Accepted, Draft, Posted, Submission
from shared.domain.time_period import Period
from shared.ports.erp import ReadableErp
from simulators.erp.launch import ErpSetup
from simulators.http.faults import NO_FAULTS, FaultPlan
from tests.builders.posting import GERMANY
from tests.contract.erp.files_in_between import FilesInBetween, told_by_files
from tests.contract.erp.into_the_ledger import into_the_ledger
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS, under_test
from tests.contract.erp.systems.system_under_test import SystemUnderTest
from tests.contract.real_tryton.behind_a_door import started
from tests.fakes.in_memory_customer_creations import InMemoryCustomerCreations
from tests.fakes.own_line import own_line
from tests.fakes.posting_world import EntityBooks, SimulatedClock
from tests.fakes.secret_store import SecretStore

GERMAN_VAT = TaxRate(
    seller_country="DE",
    buyer_country="DE",
    category="standard",
    code="VAT19",
    rate=Decimal("0.19"),
    valid=Period(datetime(2020, 1, 1, tzinfo=UTC), None),
)
ALL_RATES = (
    GERMAN_VAT,
    replace(GERMAN_VAT, category="services", code="SERVICES19"),
    replace(GERMAN_VAT, category="reduced", code="VAT7", rate=Decimal("0.07")),
    replace(GERMAN_VAT, category="reverse_charge", code="REVERSE", rate=Decimal(0)),
)


@dataclass(slots=True)
class PublishedEntity(EntityBooks):
    """Master data with one legal entity."""

    entity: LegalEntity | None = None

    def legal_entity(self, legal_entity_id: str) -> LegalEntity | None:  # type: ignore[override]
        return self.entity

    def legal_entities(self) -> tuple[LegalEntity, ...]:
        return () if self.entity is None else (self.entity,)


@dataclass(slots=True)
class PostingSite:
    """One ERP with its adapter. The simulator follows the clock."""

    under_test: SystemUnderTest
    simulator: Any  # an ErpSimulator; the tests of one system use what only that one has
    connections: ErpSite
    routing: MappedErpRouting | FilesInBetween
    master_data: PublishedEntity
    clock: SimulatedClock
    secret: Mapping[str, str] = field(repr=False)
    secrets: Any

    @property
    def system(self) -> str:
        return self.under_test.system.name

    @property
    def erp(self) -> ReadableErp:
        return self.routing.erp_for(GERMANY)

    @property
    def is_two_step(self) -> bool:
        return self.erp.capabilities().two_step_post

    @property
    def submits_to(self) -> type[Draft] | type[Accepted] | type[Posted]:
        """What an invoice has come to right after it was submitted."""
        if DocumentKind.INVOICE in self.erp.capabilities().accepts_first:
            return Accepted
        return Draft if self.is_two_step else Posted

    @property
    def creates_invoice(self) -> str:
        return self.under_test.creates[DocumentKind.INVOICE]

    def post(self, document: PostingDocument) -> Submission:
        """Submit, and bring or wait it into the ledger where the ERP has more than one step."""
        return self.finish(self.erp.submit(document), document)

    def finish(self, submission: Submission, document: Document) -> Submission:
        return into_the_ledger(submission, document, erp=self.erp, clock=self.clock)

    def posted(self) -> list[str]:
        return [document.external_ref for document in self.simulator.documents() if document.posted]

    def change_secret(self, fields: Mapping[str, str]) -> None:
        self.secrets.put_secret_value(
            SecretId=self.under_test.mapping.connection, SecretString=json.dumps({**self.secret, **fields})
        )

    def lose_secret(self) -> None:
        self.secrets.delete_secret(SecretId=self.under_test.mapping.connection, ForceDeleteWithoutRecovery=True)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What tests have around an ERP, one after the other: making it takes longer than most of them."""

    secrets: Any  # Secrets Manager, or what stands in for it
    signer: KmsSigner
    public_key_pem: str
    transport: HttpTransport


OpenSite = Callable[..., PostingSite]


@cache
def _kms() -> Any:
    """Make the client once: moto answers it in every module."""
    return boto3.client("kms")


@contextmanager
def surroundings(secrets: Any) -> Iterator[Surroundings]:
    with mock_aws(), http_client() as http:
        kms = _kms()
        key_id = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        pem = load_der_public_key(kms.get_public_key(KeyId=key_id)["PublicKey"]).public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        yield Surroundings(secrets, KmsSigner(kms, key_id), pem.decode(), HttpTransport(http))


@pytest.fixture(scope="module")
def around() -> Iterator[Surroundings]:
    with surroundings(SecretStore()) as around:
        yield around


@pytest.fixture
def open_site(around: Surroundings) -> Iterator[OpenSite]:
    """Return a function that starts an ERP by its system; all of them stop with the test."""
    with ExitStack() as closing:

        def start(system: str, faults: FaultPlan = NO_FAULTS) -> PostingSite:
            return _site(under_test(system), faults, around, closing)

        yield start


@pytest.fixture(params=CALLED_SYSTEMS)
def site(request: pytest.FixtureRequest, open_site: OpenSite) -> PostingSite:
    return open_site(request.param)


def _site(of: SystemUnderTest, faults: FaultPlan, around: Surroundings, closing: ExitStack) -> PostingSite:
    clock, secrets = SimulatedClock(), around.secrets
    entity = an_entity(of)
    company = company_setup(entity, ALL_RATES)
    setup = ErpSetup(companies=[company], now=clock.now, public_key_pem=around.public_key_pem, faults=faults)
    running = closing.enter_context(started(of.system.name, setup))
    secrets.create_secret(Name=of.mapping.connection, SecretString=json.dumps(dict(running.secret)))
    closing.callback(secrets.delete_secret, SecretId=of.mapping.connection, ForceDeleteWithoutRecovery=True)
    connections = ErpSite(
        ConnectionSecrets(secrets, clock),
        around.signer,
        around.transport,
        clock,
        own_line(clock),
        InMemoryCustomerCreations(),
    )
    master_data = PublishedEntity(entity=entity)
    routing: MappedErpRouting | FilesInBetween = MappedErpRouting(master_data, connections)  # type: ignore[arg-type]
    if not of.is_called:
        routing = told_by_files(connections, master_data, running.simulator)
    return PostingSite(
        of,
        running.simulator,
        connections,
        routing,
        master_data,
        clock,
        running.secret,
        secrets,
    )


def an_entity(of: SystemUnderTest) -> LegalEntity:
    """Return the entity that tests post for; its books are open since October 2026."""
    return LegalEntity(
        legal_entity_id=GERMANY,
        name="Acme GmbH",
        country="DE",
        functional_currency=currency("EUR"),
        invoice_series="DE-",
        erp=of.mapping,
        approval=None,
        closed_through=date(2026, 9, 30),
    )
