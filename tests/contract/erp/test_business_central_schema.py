"""What the adapter sends and the simulator answers fits Microsoft's documentation of API v2.0."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

import pytest

from shared.adapters.http.exact_json import read_object
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Posted
from shared.domain.posting.readings import ReferenceKind
from tests.builders.posting import a_credit_memo, a_document, a_journal, in_dollars
from tests.contract.erp.conftest import OpenSite
from tests.contract.erp.traffic import Traffic, recorded

MODEL: Final = json.loads((Path(__file__).parent / "schemas" / "business_central.json").read_text(encoding="utf-8"))
ENTITIES: Final[Mapping[str, Any]] = MODEL["entities"]
COLLECTIONS: Final = {
    **{f"{name}s": name for name in ENTITIES if not name.endswith(("y", "Setup"))},
    "companies": "company",
    "currencies": "currency",
    "generalLedgerEntries": "generalLedgerEntry",
    "generalLedgerSetup": "generalLedgerSetup",
}

READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "guid": UUID,
}


def fits(value: object, kind: str) -> bool:
    match kind:
        case "string" | "enumeration":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "decimal" | "integer":
            return isinstance(value, int | Decimal) and not isinstance(value, bool)
        case _:
            return isinstance(value, str) and (not value or bool(READERS[kind](value)))


def misfits(entity: str, row: Mapping[str, Any], *, sent: bool) -> Iterator[str]:
    """Name every property that the entity does not have, of another kind, or that only the ERP writes."""
    model = ENTITIES[entity]
    kinds = {name: kind for kind, names in model["properties"].items() for name in names}
    for name, value in row.items():
        if name.startswith("@odata."):
            continue
        if name in model.get("navigation", ()):
            for child in value:
                yield from misfits(COLLECTIONS[name], child, sent=sent)
        elif name not in kinds or not fits(value, kinds[name]):
            yield f"{entity}.{name}={value!r}"
        elif sent and name in model["read_only"]:
            yield f"{entity}.{name} is the ERP's"


def entity_at(url: str) -> str | None:
    """Return the entity of an address, None for actions."""
    last = re.sub(r"\([^)]*\)", "", unquote(urlsplit(url).path)).rpartition("/")[2]
    return COLLECTIONS.get(last)


def sent_by(traffic: Traffic) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for request, _ in traffic.calls:
        if request.url.endswith("/$batch"):
            requests = read_object(request.body)["requests"]
            assert {set(one) <= {"id", "method", "url", "headers", "body"} for one in requests} == {True}
            yield from ((entity_at(one["url"]) or "", one["body"]) for one in requests)
        elif request.body and (entity := entity_at(request.url)):
            yield entity, read_object(request.body)


def answered_in(traffic: Traffic) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for request, reply in traffic.calls:
        entity = entity_at(request.url)
        if entity and reply.succeeded and reply.body:
            body = reply.json()
            yield from ((entity, row) for row in body.get("value", [body]))


@pytest.fixture
def traffic(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> Traffic:
    """Do everything once."""
    site = open_site("business_central")
    with recorded(monkeypatch) as traffic:
        invoice = site.post(a_document())
        assert isinstance(invoice, Posted)
        site.post(a_credit_memo(of_invoice=invoice.ref.value))
        site.post(in_dollars(a_document(posting_id="acme/us/r1", number="DE-2")))
        assert isinstance(site.finish(site.erp.submit(a_journal()), a_journal()), Posted)
        site.erp.submit(a_journal("left as a draft"))
        site.erp.locate(a_journal().external_ref, DocumentKind.JOURNAL)
        site.erp.settlements("")
        site.erp.periods(DocumentKind.INVOICE)
        site.erp.find_customers(a_document().party)
        site.erp.check_connection()
        for kind in ReferenceKind:
            site.erp.reference(kind)
    return traffic


def test_what_is_sent_and_answered_fits_the_documentation(traffic: Traffic) -> None:
    sent, answered = list(sent_by(traffic)), list(answered_in(traffic))

    assert {entity for entity, _ in sent} == {
        "customer",
        "salesInvoice",
        "salesCreditMemo",
        "journal",
        "journalLine",
    }
    assert {entity for entity, _ in answered} >= {"generalLedgerEntry", "account", "dimension", "accountingPeriod"}
    assert [one for entity, row in sent for one in misfits(entity, row, sent=True)] == []
    assert [one for entity, row in answered for one in misfits(entity, row, sent=False)] == []


def test_the_facts_have_a_source_and_a_licence() -> None:
    assert "MicrosoftDocs" in MODEL["source"]["name"]
    assert "CC-BY-4.0" in MODEL["source"]["licence"]
