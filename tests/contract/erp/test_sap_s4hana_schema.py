"""What we send to SAP, ask it for and have it simulated as fits what is publicly known of its services.

What nothing public says: whether SAP takes what fits.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import httpx
import pytest
from defusedxml.ElementTree import fromstring

from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Posted
from tests.builders.posting import a_credit_memo, a_document, a_journal, in_dollars
from tests.contract.erp.sap_s4hana_site import Site

FACTS = json.loads((Path(__file__).parent / "schemas" / "sap_s4hana.json").read_text())
ENTITIES: Mapping[str, Any] = FACTS["entities"]
ELEMENTS: Mapping[str, Mapping[str, int | None]] = FACTS["elements"]
CUBE, PARTNER = "A_OperationalAcctgDocItemCubeType", "A_BusinessPartnerType"
TYPES = {"text": str, "boolean": bool, "date": str, "decimal": str}


@pytest.fixture(scope="module")
def site() -> Site:
    """Return a tenant after one document of each kind and one in dollars."""
    site = Site()
    settings = {**site.entity.erp.settings, "payment_terms": "0001", "tax_condition": "MWAS"}
    site.change_mapping(settings=settings)
    assigned = replace(a_document().lines[0], dimensions=(("cost_centre", "4"),))
    invoice = site.erp.submit(replace(a_document(), lines=(assigned, a_document().lines[1])))
    assert isinstance(invoice, Posted)
    dollars = in_dollars(a_document(posting_id="acme-2026/2026-11/r1", number="DE-2"))
    for document in (a_credit_memo(of_invoice=invoice.ref.value), a_journal(), dollars):
        assert isinstance(site.erp.submit(document), Posted)
    site.simulator.pay(a_document().external_ref, Decimal(100), a_document().posting_date)
    site.erp.settlements("")
    site.erp.find_customers(a_document().party)
    site.erp.locate(a_document().external_ref, DocumentKind.INVOICE)
    return site


def test_every_element_of_an_entry_is_known_in_its_order_and_fits(site: Site) -> None:
    messages = [fromstring(request.content) for request in site.http.sent if request.content.startswith(b"<?xml")]

    assert len(messages) == 4
    for message in messages:
        for element in message.iter():
            known = ELEMENTS.get(element.tag)
            if known is not None:
                assert list(misfits(element, known)) == []


def misfits(element: Element, known: Mapping[str, int | None]) -> Iterator[str]:
    order = [child.tag for child in element]
    if order != sorted(order, key=[*known].index):
        yield f"{element.tag}: {order}"
    for child in element:
        width = known[child.tag]
        if width is not None and len(child.text or "") > width:
            yield f"{child.tag}: {child.text}"


def test_a_new_customer_is_made_of_what_a_business_partner_has(site: Site) -> None:
    (sent,) = [json.loads(request.content) for request in site.http.sent if request.content.startswith(b"{")]

    assert list(wrong(sent, PARTNER)) == []


def wrong(sent: Mapping[str, Any], entity: str) -> Iterator[str]:
    children = ENTITIES[entity].get("children", {})
    for name, value in sent.items():
        if name in children:
            for child in value if isinstance(value, list) else [value]:
                yield from wrong(child, children[name])
            continue
        kind, _, width = ENTITIES[entity]["properties"].get(name, "nothing").partition(" ")
        if kind != "text" or not width.isdigit() or len(value) > int(width):  # "10, read only" is no width
            yield f"{entity}.{name}: {value}"


def test_only_what_there_is_is_asked_for(site: Site) -> None:
    asked = [urlsplit(str(request.url)) for request in site.http.sent if request.method == "GET"]
    entities = {"A_OperationalAcctgDocItemCube": CUBE, "A_BusinessPartner": PARTNER}

    checked = 0
    for address in asked:
        entity = entities.get(address.path.rpartition("/")[2])
        if entity is None:
            continue
        known = {*ENTITIES[entity]["properties"], *ENTITIES[entity].get("children", {})}
        options = dict(option.split("=", 1) for option in unquote(address.query).split("&"))
        assert set(options.get("$select", "CompanyCode" if entity == CUBE else "Customer").split(",")) <= known
        assert set(compared(options.get("$filter", ""))) <= known
        checked += 1
    assert checked > 5


def compared(expression: str) -> Iterator[str]:
    words = expression.replace("(", " ").replace(")", " ").split()
    yield from (words[at - 1] for at, word in enumerate(words) if word in {"eq", "ne", "gt", "ge", "lt", "le"})


@pytest.mark.parametrize(
    ("path", "entity"),
    [
        ("API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube", CUBE),
        ("API_BUSINESS_PARTNER/A_BusinessPartner", PARTNER),
    ],
)
def test_the_simulator_shows_nothing_that_sap_does_not(site: Site, path: str, entity: str) -> None:
    rows = rows_of(site, path)

    known = ENTITIES[entity]["properties"]
    assert rows
    for row in rows:
        for name, value in row.items():
            if name != "__metadata" and value is not None:
                kind, _, width = known[name].partition(",")[0].partition(" ")
                assert isinstance(value, TYPES[kind]), name
                assert kind != "text" or len(str(value)) <= int(width), name


def rows_of(site: Site, path: str) -> list[dict[str, Any]]:
    signed_in = {"authorization": "Basic " + b64encode(b"U2CPOST:right").decode()}
    with httpx.Client(transport=site.http) as http:
        answer = http.get(f"https://sap.test/sap/opu/odata/sap/{path}", headers=signed_in)
    rows: list[dict[str, Any]] = answer.json()["d"]["results"]
    return rows
