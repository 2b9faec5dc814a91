"""The ERPs of a local run: one simulator per ERP connection of the catalogue, set up from the catalogue's mappings.

They are simulations after the published contracts (docs/guides/erp-simulators.md), never the real systems.
"""

import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from operations.local.cloud import LocalCloud
from operations.u2c.books import ErpDocument
from shared.adapters.erp.business_central_tax import NO_TAX_CODE
from shared.adapters.http.transport import http_transport
from shared.domain.identifiers import LegalEntityId
from shared.domain.master_data.catalog import LegalEntity, TaxRate
from shared.domain.reconciliation.cash import LedgerFigures
from shared.runtime import aws
from simulators.erp import (
    AccountRole,
    BusinessCentralCredentials,
    BusinessCentralSimulator,
    CompanySetup,
    FaultPlan,
    NetSuiteCredentials,
    NetSuiteSimulator,
    serve,
)

NETSUITE_CERTIFICATE = "local-run-certificate"
CLIENT = "usage-to-cash"

Simulator: TypeAlias = BusinessCentralSimulator | NetSuiteSimulator


@dataclass(frozen=True, slots=True)
class SimulatedErps:
    """The running simulators, by the name of their connection, and whose books they keep."""

    by_connection: Mapping[str, Simulator]
    legal_entities: tuple[LegalEntity, ...]

    def documents(self) -> tuple[ErpDocument, ...]:
        """Return what is in the ERPs' ledgers; drafts are not."""
        return tuple(
            ErpDocument(
                kind=document.kind,
                connection=connection,
                company=document.company,
                external_ref=document.external_ref,
                number=document.number,
                accounting_period=document.accounting_period,
                currency=document.currency,
                net=document.net,
                tax=document.tax,
                gross=document.gross,
            )
            for connection, simulator in self.by_connection.items()
            for document in simulator.documents()
            if document.posted
        )

    def figures(self) -> dict[tuple[LegalEntityId, str], LedgerFigures]:
        """Return documents, gross and receivable per legal entity and currency, from the ERPs' own books."""
        figures: dict[tuple[LegalEntityId, str], LedgerFigures] = {}
        documents = self.documents()
        for entity in self.legal_entities:
            ledger = self.by_connection[entity.erp.connection].ledger
            receivables = ledger.balances(company=entity.erp.company, role=AccountRole.RECEIVABLE)
            own = [d for d in documents if (d.connection, d.company) == (entity.erp.connection, entity.erp.company)]
            for code in sorted({*receivables, *(document.currency for document in own)}):
                of_currency = [document for document in own if document.currency == code]
                figures[entity.legal_entity_id, code] = LedgerFigures(
                    documents=len(of_currency),
                    gross=sum((document.signed_gross for document in of_currency), Decimal(0)),
                    receivable=receivables.get(code, Decimal(0)),
                )
        return figures

    def to_beancount(self) -> str:
        return "\n".join(simulator.ledger.to_beancount() for simulator in self.by_connection.values())

    def injected_faults(self) -> dict[str, int]:
        """Return how often each fault was injected, over all simulators."""
        counts: dict[str, int] = defaultdict(int)
        for simulator in self.by_connection.values():
            for fault, times in simulator.faults.injected.items():
                counts[fault] += times
        return dict(counts)


@contextmanager
def simulated_erps(
    *,
    legal_entities: Sequence[LegalEntity],
    tax_rates: Sequence[TaxRate],
    cloud: LocalCloud,
    faults: FaultPlan,
    now: Callable[[], datetime],
) -> Iterator[SimulatedErps]:
    """Start a simulator per connection, put its address and credentials where the functions look; stop them at exit."""
    entities_of: dict[str, list[LegalEntity]] = defaultdict(list)
    for entity in legal_entities:
        entities_of[entity.erp.connection].append(entity)
    running: dict[str, Simulator] = {}
    with ExitStack() as servers:
        servers.callback(_close_connections)
        for connection, entities in entities_of.items():
            companies = [_company(entity, tax_rates) for entity in entities]
            match entities[0].erp.system:
                case "business_central":
                    simulator, secret = _business_central(companies, faults, now, servers)
                case "netsuite":
                    simulator, secret = _netsuite(companies, faults, now, servers, cloud)
                case unknown:
                    raise ValueError(f"no simulator for ERP system {unknown!r}")
            running[connection] = simulator
            aws.secretsmanager().create_secret(Name=connection, SecretString=json.dumps(secret))
        yield SimulatedErps(running, tuple(legal_entities))


def _close_connections() -> None:
    """Leave no connection of this process open to a simulator that has gone; the next run opens its own."""
    http_transport().close()
    http_transport.cache_clear()


def _business_central(
    companies: Sequence[CompanySetup], faults: FaultPlan, now: Callable[[], datetime], servers: ExitStack
) -> tuple[Simulator, dict[str, str]]:
    password = secrets.token_urlsafe(24)
    simulator = BusinessCentralSimulator(
        companies=companies, credentials=BusinessCentralCredentials(CLIENT, password), faults=faults, now=now
    )
    root = servers.enter_context(serve(simulator.app))
    return simulator, {
        "base_url": simulator.base_url(root),
        "token_url": simulator.token_url(root),
        "client_id": CLIENT,
        "client_secret": password,
    }


def _netsuite(
    companies: Sequence[CompanySetup],
    faults: FaultPlan,
    now: Callable[[], datetime],
    servers: ExitStack,
    cloud: LocalCloud,
) -> tuple[Simulator, dict[str, str]]:
    key = aws.kms().get_public_key(KeyId=cloud.resource("ErpSigningKeyId"))["PublicKey"]
    pem = load_der_public_key(key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    simulator = NetSuiteSimulator(
        companies=companies,
        credentials=NetSuiteCredentials(client_id=CLIENT, certificate_id=NETSUITE_CERTIFICATE),
        public_key_pem=pem,
        faults=faults,
        now=now,
    )
    root = servers.enter_context(serve(simulator.app))
    return simulator, {
        "base_url": simulator.base_url(root),
        "client_id": CLIENT,
        "certificate_id": NETSUITE_CERTIFICATE,
    }


def _company(entity: LegalEntity, tax_rates: Sequence[TaxRate]) -> CompanySetup:
    mapping = entity.erp
    keys = set(mapping.products.values())
    names_accounts = mapping.system == "business_central"
    newest = sorted(tax_rates, key=lambda rate: rate.valid.start)
    return CompanySetup(
        company=mapping.company,
        name=entity.name,
        local_currency=entity.functional_currency.code,
        receivable_account=mapping.receivable_account,
        tax_account=mapping.tax_account,
        revenue_accounts={key: key if names_accounts else f"revenue-{key}" for key in keys},
        tax_codes=_tax_codes(entity, newest)
        | ({mapping.settings[NO_TAX_CODE]: Decimal(0)} if NO_TAX_CODE in mapping.settings else {}),
        currencies=mapping.currencies,
        posting_from=entity.closed_through + timedelta(days=1) if entity.closed_through else None,
    )


def _tax_codes(entity: LegalEntity, rates: Sequence[TaxRate]) -> dict[str, Decimal]:
    codes = entity.erp.tax_codes
    known = {codes[rate.code]: rate.rate for rate in rates if rate.code in codes}
    # What an outside engine taxes has many rates under one code; an ERP that takes them is told each.
    return known | ({codes[entity.tax.code]: Decimal(0)} if entity.tax.is_outside else {})
