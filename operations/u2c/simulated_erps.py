"""The ERPs of a local run: one simulator per ERP connection of the catalogue, set up from the catalogue's mappings.

They are simulations after the published contracts (docs/guides/erp-simulators.md), never the real systems.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from operations.local.bucket_folder import BucketFolder
from operations.local.cloud import LocalCloud
from operations.u2c.books import ErpDocument
from operations.u2c.simulated_company import company_setup
from shared.adapters.http.transport import http_transport
from shared.domain.identifiers import LegalEntityId
from shared.domain.master_data.catalog import LegalEntity, TaxRate
from shared.domain.reconciliation.cash import LedgerFigures
from shared.runtime import aws
from simulators.erp.company import AccountRole
from simulators.erp.launch import ErpSetup, ErpSimulator, launched
from simulators.erp.legacy_files.simulator import LegacyFilesSimulator
from simulators.http.faults import FaultPlan


@dataclass(frozen=True, slots=True)
class SimulatedErps:
    """The running simulators, by the name of their connection, and whose books they keep."""

    by_connection: Mapping[str, ErpSimulator]
    legal_entities: tuple[LegalEntity, ...]

    def documents(self) -> tuple[ErpDocument, ...]:
        """Return the invoices and credit memos in the ERPs' ledgers; drafts are not."""
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
            if document.posted and document.kind != "journal"
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
    signing_key = _signing_key(cloud)
    running: dict[str, ErpSimulator] = {}
    with ExitStack() as servers:
        servers.callback(_close_connections)
        for connection, entities in entities_of.items():
            companies = [company_setup(entity, tax_rates) for entity in entities]
            setup = ErpSetup(companies=companies, now=now, public_key_pem=signing_key, faults=faults)
            erp = servers.enter_context(launched(entities[0].erp.system, setup))
            running[connection] = erp.simulator
            if isinstance(erp.simulator, LegacyFilesSimulator):
                cloud.receivers.append(partial(erp.simulator.look, _folder(cloud, entities)))
            aws.secretsmanager().create_secret(Name=connection, SecretString=json.dumps(dict(erp.secret)))
        yield SimulatedErps(running, tuple(legal_entities))


def _folder(cloud: LocalCloud, entities: Sequence[LegalEntity]) -> BucketFolder:
    """Return where a receiver of files finds those of its legal entities."""
    entity_of = {entity.erp.company: entity.legal_entity_id for entity in entities}
    return BucketFolder(cloud.resource("ErpFilesBucket"), cloud.tenant, entity_of)


def _signing_key(cloud: LocalCloud) -> str:
    """Return the public half of the key that the functions sign in with, as PEM."""
    key = aws.kms().get_public_key(KeyId=cloud.resource("ErpSigningKeyId"))["PublicKey"]
    return load_der_public_key(key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _close_connections() -> None:
    """Leave no connection of this process open to a simulator that has gone; the next run opens its own."""
    http_transport().close()
    http_transport.cache_clear()
