"""Dynamics 365 Finance with its adapter in one process: no server, no cloud, milliseconds a test."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import httpx

from operations.u2c.simulated_company import company_setup
from shared.adapters.erp.dynamics_finance.adapter import DynamicsFinanceErp
from shared.adapters.erp.dynamics_finance.connect import SECRET_FIELDS, token_request
from shared.adapters.erp.session import ErpSession
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import HttpTransport
from shared.domain.identifiers import CustomerId, ProductId
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping
from shared.domain.money import currency
from shared.domain.posting.document import external_ref
from shared.domain.posting.journal import Document, Journal, JournalLine
from shared.domain.posting.outcome import Submission
from simulators.erp.dynamics_finance.simulator import DynamicsFinanceSimulator
from simulators.erp.dynamics_finance.token_endpoint import DynamicsFinanceCredentials
from tests.builders.posting import GERMANY, TENANT, a_document, eur
from tests.contract.erp.conftest import GERMAN_VAT, an_entity
from tests.contract.erp.dynamics_finance_gateway import Gateway
from tests.contract.erp.into_the_ledger import into_the_ledger
from tests.contract.erp.systems.dynamics_finance import UNDER_TEST
from tests.fakes.in_process_http import InProcess
from tests.fakes.posting_world import SimulatedClock

ENVIRONMENT = "https://acme.operations.dynamics.com"
MAPPING = replace(
    UNDER_TEST.mapping,
    accounts={"deferred_revenue": "2000", "revenue": "4400", "receivable": "1100"},
    dimensions={
        "cost_center": DimensionMapping(field="CostCenter", values={ProductId("api"): "042"}),
        "region": DimensionMapping(field="Region", values={ProductId("api"): "EU-1"}),
    },
    settings={**UNDER_TEST.mapping.settings, "dimension_order": "CostCenter, Region"},
)


class _Secrets:
    """What Secrets Manager would answer."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def get_secret_value(self, **_: str) -> dict[str, str]:
        return {"SecretString": json.dumps(dict(self._fields)), "VersionId": "1"}


@dataclass
class Site:
    mapping: ErpMapping = MAPPING
    clock: SimulatedClock = field(default_factory=SimulatedClock)
    journal_numbers: str = "DE01-"  # what the ERP's number sequence of journals begins with

    def __post_init__(self) -> None:
        entity = replace(an_entity(UNDER_TEST), erp=self.mapping, closed_through=date(2026, 9, 30))
        setup = company_setup(replace(entity, erp=MAPPING), [GERMAN_VAT])
        setup = replace(setup, names={**setup.names, "journal_numbers": self.journal_numbers})
        self.simulator = DynamicsFinanceSimulator(
            companies=[setup], credentials=DynamicsFinanceCredentials("u2c", "s3cret"), now=self.clock.now
        )
        self.faults = self.simulator.faults
        self.http = InProcess(self.simulator.app)
        self.gateway = Gateway(self.http)
        secret = {
            "base_url": ENVIRONMENT,
            "token_url": DynamicsFinanceSimulator.token_url(ENVIRONMENT),
            "client_id": "u2c",
            "client_secret": "s3cret",
        }
        transport = HttpTransport(httpx.Client(transport=self.gateway))
        session = ErpSession(
            self.mapping.connection,
            credentials=ConnectionSecrets(_Secrets(secret), self.clock),  # type: ignore[arg-type]
            needed=SECRET_FIELDS,
            token_request=token_request,
            transport=transport,
            clock=self.clock,
        )
        self.erp = DynamicsFinanceErp(session, entity, transport=transport, clock=self.clock)

    def later(self, **duration: int) -> None:
        self.clock.instant += timedelta(**duration)

    def finish(self, submission: Submission, document: Document) -> Submission:
        return into_the_ledger(submission, document, erp=self.erp, clock=self.clock)

    def post(self, document: Document) -> Submission:
        return self.finish(self.erp.submit(document), document)

    def held(self) -> list[tuple[str, bool]]:
        """Return every document that the ERP has by its key, and whether it is posted."""
        return [(document.external_ref, document.posted) for document in self.simulator.documents()]

    def rows(self, entity_set: str) -> list[dict[str, Any]]:
        """Return what the ERP itself shows of an entity set."""
        address = f"{ENVIRONMENT}/data/{entity_set}?cross-company=true"
        return list(self._client().get(address).json()["value"])

    def enter_by_hand(self, *, reference: str, currency_code: str) -> None:
        """Let a person invoice 100.00 to acme in the ERP itself; its own job posts it."""
        self.erp.ensure_customer(a_document().party, currency("EUR"))
        header = self._enter(
            "FreeTextInvoiceHeaders",
            CustomerAccount="ACME",
            CustomerReference=reference,
            CurrencyCode=currency_code,
            InvoiceDate="2026-10-31T12:00:00Z",
        )
        self._enter(
            "FreeTextInvoiceLines",
            ParentRecId=header["InvoiceIdentifier"],
            LineNumber=1,
            MainAccountDisplayValue="4400",
            Quantity=1,
            UnitPrice=100,
            SalesTaxGroupId="AR-DE",
            SalesTaxItemGroupId="NONE",
        )
        self.later(minutes=10)

    def bodies(self, path: str) -> list[Any]:
        """Return the JSON that was sent to an entity set, whether alone or in a batch."""
        alone = [json.loads(one.content) for one in self.http.sent if one.method == "POST" and one.url.path == path]
        batches = [one.content.decode() for one in self.http.sent if one.url.path == "/data/$batch"]
        parts = [part for batch in batches for part in batch.split("--changeset_u2c") if f"POST {path} " in part]
        return alone + [json.loads(part.split("\r\n\r\n")[2]) for part in parts]

    def _enter(self, entity_set: str, **fields: object) -> dict[str, Any]:
        entered = self._client().post(f"{ENVIRONMENT}/data/{entity_set}", json={"dataAreaId": "de01", **fields})
        return dict(entered.raise_for_status().json())

    def _client(self) -> httpx.Client:
        """Return a client with the adapter's own token: it has called before."""
        token = self.http.sent[-1].headers["authorization"]
        return httpx.Client(transport=self.http, headers={"Authorization": token})


def without(*names: str) -> ErpMapping:
    """Return the mapping without some of its settings."""
    return replace(MAPPING, settings={name: text for name, text in MAPPING.settings.items() if name not in names})


def with_settings(**changes: str) -> ErpMapping:
    return replace(MAPPING, settings={**MAPPING.settings, **changes})


def a_journal(
    *, posting_id: str = "recognition/2026-10", posting_date: date = date(2026, 10, 31), pairs: int = 1
) -> Journal:
    """250.00 of deferred revenue recognised for each pair of lines; the first debit also names its dimensions."""
    lines: list[JournalLine] = []
    for _ in range(pairs):
        number = len(lines) + 1
        dimensions = (("cost_center", "042"), ("region", "EU-1"))
        lines.append(_line(number, "deferred_revenue", "250.00", dimensions))
        lines.append(_line(number + 1, "revenue", "-250.00", ()))
    return Journal(
        tenant=TENANT,
        posting_id=posting_id,  # type: ignore[arg-type]
        external_ref=external_ref(tenant=TENANT, posting_id=posting_id),  # type: ignore[arg-type]
        legal_entity_id=GERMANY,
        human_number="JE-2026-10",
        document_date=posting_date,
        posting_date=posting_date,
        text="Recognition of October",
        lines=tuple(lines),
    )


def a_write_off() -> Journal:
    """20.00 that acme still owes, written off against revenue."""
    journal = a_journal(posting_id="write-off/1")
    owed = replace(_line(1, "receivable", "-20.00", ()), customer_id=CustomerId("acme-eu"))
    return replace(journal, lines=(owed, _line(2, "revenue", "20.00", ())))


def _line(number: int, account: str, amount: str, dimensions: tuple[tuple[str, str], ...]) -> JournalLine:
    return JournalLine(line_no=number, account=account, amount=eur(amount), text="Recognition", dimensions=dimensions)
