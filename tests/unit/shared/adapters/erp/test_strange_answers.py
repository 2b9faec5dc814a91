"""Whatever a server answers with status 200, an adapter makes a value of it: nothing is raised, nothing is made up."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pytest

from shared.adapters.erp.business_central.adapter import BusinessCentralErp
from shared.adapters.erp.dynamics_finance.adapter import DynamicsFinanceErp
from shared.adapters.erp.netsuite.adapter import NetSuiteErp
from shared.adapters.erp.oracle_fusion.adapter import OracleFusionErp
from shared.adapters.erp.sap_s4hana.adapter import SapS4HanaErp
from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.adapters.erp.session import CallResult
from shared.adapters.erp.site import ErpSite
from shared.adapters.erp.tryton.adapter import TrytonErp
from shared.adapters.erp.tryton.connection import SECRET_FIELDS, TrytonConnection
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import Reply
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import currency
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Draft, ErpRef, LookupFailed, Posted, Ticket
from shared.domain.posting.readings import ReferenceKind
from shared.ports.erp import ReadableErp
from tests.builders.posting import a_document, a_journal
from tests.contract.erp.conftest import an_entity
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS, under_test
from tests.fakes.in_memory_customer_creations import InMemoryCustomerCreations
from tests.fakes.own_line import own_line
from tests.fakes.posting_world import SimulatedClock
from tests.fakes.secret_store import SecretStore

OF_A_JOURNAL = (
    b'{"value": [{"documentNumber": "76QNGLAC32CHLZZV", "description": "x [1/1]", "accountNumber": [],'
    b' "code": "76QNGLAC32", "id": "1", "journalLines": []}]}'
)
STRANGE = (
    b"",
    b"<html><body>Sign in</body></html>",
    b"null",
    b"[]",
    b"{}",
    b'{"value": null, "items": null}',
    b'{"value": {}, "items": {}}',
    b'{"value": [null], "items": [null]}',
    b'{"value": [{}], "items": [{}]}',
    b'{"value": [{"id": null, "status": "Open", "journalLines": [{}]}], "items": [{"id": null, "type": "CustInvc"}]}',
    b'{"value": [{"id": 7, "number": [], "lastModifiedDateTime": 7, "journalLines": null}], "items": [{"id": []}]}',
    b'{"id": "1", "postingPeriod": "x", "currency": 7, "line": [], "completed": "yes", "responses": [{}]}',
    b'{"id": "1", "postingPeriod": {"id": "7"}, "currency": {"id": "1"}, "line": {"items": [7]}, "status": 7}',
    b'{"value": [{"externalDocumentNumber": "ABCDEFGHIJKLMNOP", "status": "Open", "totalAmountIncludingTax": "x"}]}',
    b'{"items": [{"id": "1", "startdate": "yesterday", "type": "CustInvc", "foreignamountunpaid": "much"}]}',
    b'{"value": [{"startingDate": "soon", "allowPostingFrom": "never", "allowPostingTo": 7, "dimensionId": []}]}',
    b'{"value": [{"code": "X", "id": [], "description": "x [1/1]", "postingDate": 7, "amount": "x"}]}',
    OF_A_JOURNAL,
    b'{"postingPeriod":{"id":"7"},"items":[{"startdate":"2026-10-01"}],"currency":{"id":"1"},"line":{"items":[7]}}',
    b'{"value": [{"InvoiceIdentifier": "seven"}]}',
    b'{"value": [{"InvoiceIdentifier": 1, "CurrencyCode": "EUR", "SalesTaxAmount": 0, "MainAccountDisplayValue": 7}]}',
    b'{"items": [{"CustomerTransactionId": 1, "InvoiceCurrencyCode": "EUR", "receivablesInvoiceLines": [null]}]}',
    b'{"items": [{"JeBatchId": 1, "BatchName": null, "journalHeaders": [{"CurrencyCode": []}]}], "hasMore": "no"}',
    b'{"items": [{"RequestStatus": {"JOBS": 7}}]}',
    b'{"items": [{"Value": "4010", "EnabledFlag": []}]}',
    b"[null]",
    b'[{"id": "1"}]',
    b'[{"id": 1}]',
    b'[{"id": 1, "state": [], "reference": 7, "currency": null, "company": 7, "lines": [7], "taxes": {}, "move": 7}]',
    b'[{"id": 1, "state": "posted", "reference": "76QNGLAC32CHLZZV", "currency": {"code": 7}, "untaxed_amount": "x"}]',
    b'[{"id": 1, "start_date": "soon", "end_date": 7, "state": "open", "type": "standard", "code": [], "lines": null}]',
    b'{"id": 1, "state": "draft", "untaxed_amount": {"__class__": "Decimal", "decimal": "x"}, "lines": [null]}',
    b'{"id": 1, "state": "posted", "date": {"__class__": "date", "year": 0, "month": 13, "day": 7}}',
    b'{"result": {"__class__": "Decimal"}}',
    b'{"result": [1, "token"]}',
    b'{"error": {"strange": [7]}}',
    b'{"d": null}',
    b'{"d": {"results": [{}]}}',
    b'{"d": {"results": [{"AccountingDocument": [], "FiscalYear": {}, "TransactionCurrency": "EUR"}]}}',
    b'{"d": {"results": [{"to_BusinessPartnerAddress": {"results": [7]}, "to_BusinessPartnerTax": {"results": 7}}]}}',
)

Ask = Callable[[ReadableErp], object]
QUESTIONS: Mapping[str, Ask] = {
    "submit an invoice": lambda erp: erp.submit(a_document()),
    "submit a journal": lambda erp: erp.submit(a_journal()),
    "advance an invoice": lambda erp: erp.advance(ErpRef("1"), a_document()),
    "advance a journal": lambda erp: erp.advance(ErpRef(a_journal().external_ref), a_journal()),
    "poll": lambda erp: erp.poll(Ticket("job/1"), a_document()),
    "discard an invoice": lambda erp: erp.discard(ErpRef("1"), DocumentKind.INVOICE),
    "discard a journal": lambda erp: erp.discard(ErpRef("1"), DocumentKind.JOURNAL),
    **{f"locate {kind}": lambda erp, kind=kind: erp.locate(a_document().external_ref, kind) for kind in DocumentKind},  # type: ignore[misc]
    **{f"read {kind}": lambda erp, kind=kind: erp.read(ErpRef("1"), kind) for kind in DocumentKind},  # type: ignore[misc]
    **{f"periods {kind}": lambda erp, kind=kind: erp.periods(kind) for kind in DocumentKind},  # type: ignore[misc]
    **{f"reference {kind}": lambda erp, kind=kind: erp.reference(kind) for kind in ReferenceKind},  # type: ignore[misc]
    "settlements": lambda erp: erp.settlements(""),
    "find customers": lambda erp: erp.find_customers(a_document().party),
    "ensure a customer": lambda erp: erp.ensure_customer(a_document().party, currency("EUR")),
    "check": lambda erp: erp.check_connection(),
}
ADAPTERS: Mapping[str, Callable[[Any, LegalEntity], ReadableErp]] = {
    "business_central": lambda session, entity: BusinessCentralErp(session, entity, SimulatedClock()),
    "dynamics_finance": lambda session, entity: DynamicsFinanceErp(
        session, entity, transport=session, clock=SimulatedClock()
    ),
    "netsuite": lambda session, entity: NetSuiteErp(session, entity, SimulatedClock()),
    "oracle_fusion": lambda session, entity: OracleFusionErp(session, entity, SimulatedClock()),
    "sap_s4hana": lambda session, entity: SapS4HanaErp(
        SapSession(session), entity, SimulatedClock(), InMemoryCustomerCreations()
    ),
    "tryton": lambda session, entity: TrytonErp(tryton(session, entity), entity, SimulatedClock()),
}


@dataclass(frozen=True, slots=True)
class Strange:
    """A session whose every call is answered with the same bytes."""

    body: bytes
    status: int = 200

    def call(self, *_: object, **__: object) -> CallResult:
        return Reply(self.status, {"location": "/services/rest/async/v1/job/x"}, self.body)

    exchange = call  # for who signs in by itself


def tryton(transport: Any, entity: LegalEntity) -> TrytonConnection:
    secrets, clock = SecretStore(), SimulatedClock()
    secret = dict.fromkeys(SECRET_FIELDS, "https://tryton.test")
    secrets.create_secret(Name=entity.erp.connection, SecretString=json.dumps(secret))
    credentials = ConnectionSecrets(secrets, clock)  # type: ignore[arg-type]
    return TrytonConnection(
        entity, ErpSite(credentials, cast("Any", None), transport, clock, own_line(clock), InMemoryCustomerCreations())
    )


def adapter(system: str, session: Strange) -> ReadableErp:
    entity = an_entity(under_test(system))
    return ADAPTERS[system](session, entity)


@pytest.mark.parametrize("system", CALLED_SYSTEMS)
@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_no_answer_is_an_error_of_ours_and_none_of_these_is_a_document(system: str, question: str) -> None:
    for body in STRANGE:
        for status in (200, 400, 404):
            outcome = QUESTIONS[question](adapter(system, Strange(body, status)))

            assert not isinstance(outcome, Posted | Draft) or _is_draft(body, question, status), body


@pytest.mark.parametrize("kind", DocumentKind)
@pytest.mark.parametrize(
    ("system", "body"),
    [
        ("business_central", b'{"value": [], "@odata.nextLink": "https://bc.test/next"}'),
        ("dynamics_finance", b'{"value": [], "@odata.nextLink": "https://f.test/data/next?page=2"}'),
        ("oracle_fusion", b'{"items": [], "hasMore": true}'),
        ("sap_s4hana", b'{"d": {"results": [], "__next": "https://s4.test/next"}}'),
    ],
)
def test_an_empty_page_of_a_list_that_goes_on_is_no_absence(system: str, body: bytes, kind: DocumentKind) -> None:
    location = adapter(system, Strange(body)).locate(a_document().external_ref, kind)

    assert isinstance(location, LookupFailed)


def _is_draft(body: bytes, question: str, status: int) -> bool:
    """Whether an answer is one to a new invoice after all: it names the draft's id."""
    return (question, status) == ("submit an invoice", 200) and body.startswith((b'{"id": "1"', b'{"id": 1,'))
