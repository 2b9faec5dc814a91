"""What the adapter sends and the simulator answers has only names that NetSuite's own documentation has."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from shared.adapters.http.exact_json import read_object
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Posted
from shared.domain.posting.readings import ReferenceKind
from simulators.erp.netsuite.query_tables import tables_of
from tests.builders.posting import a_credit_memo, a_document, a_journal, in_dollars
from tests.contract.erp.conftest import OpenSite
from tests.contract.erp.traffic import Traffic, recorded

MODEL: Final = json.loads((Path(__file__).parent / "schemas" / "netsuite.json").read_text(encoding="utf-8"))
RECORD: Final = re.compile(r".*/record/v1/(\w+)(?:/[^/]+)?")
SUBLISTS: Final = frozenset({"item", "taxDetails", "apply", "line"})
WORD: Final = re.compile(r"[a-z_]+")
SQL: Final = {
    *("select", "distinct", "from", "join", "on", "where", "order", "by", "as"),
    *("and", "or", "in", "is", "not", "null", "like", "upper", "to_char", "to_date"),
}


def strange_names(record: str, fields: Mapping[str, Any]) -> Iterator[str]:
    known = set(MODEL["records"][record]["fields"]) | set(MODEL["records"][record].get("inferred", []))
    for name, value in fields.items():
        if name == "links":
            continue
        if name not in known:
            yield f"{record}.{name}"
        elif name in SUBLISTS and isinstance(value, dict) and "items" in value:
            yield from (strange for row in value["items"] for strange in strange_names(name, row))
        elif isinstance(value, dict):
            yield from strange_names("reference", value)


def records_in(traffic: Traffic, *, sent: bool) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for request, reply in traffic.calls:
        found = RECORD.fullmatch(urlsplit(request.url).path)
        body = request.body if sent else reply.body
        if found and body and reply.succeeded:
            yield found[1], read_object(body)


@pytest.fixture
def traffic(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> Traffic:
    """Do everything once."""
    site = open_site("netsuite")
    with recorded(monkeypatch) as traffic:
        invoice = site.post(a_document())
        assert isinstance(invoice, Posted)
        memo = site.post(a_credit_memo(of_invoice=invoice.ref.value))
        assert isinstance(memo, Posted)
        site.post(in_dollars(a_document(posting_id="acme/us/r1", number="DE-2")))
        journal = site.erp.submit(a_journal())
        assert isinstance(journal, Posted)
        for ref, kind in zip((invoice.ref, memo.ref, journal.ref), DocumentKind, strict=True):
            site.erp.read(ref, kind)
            site.erp.periods(kind)
        site.erp.settlements("")
        site.erp.find_customers(a_document().party)
        site.erp.check_connection()
        for reference in ReferenceKind:
            site.erp.reference(reference)
    return traffic


def test_records_have_only_names_of_the_api_browser(traffic: Traffic) -> None:
    sent, answered = list(records_in(traffic, sent=True)), list(records_in(traffic, sent=False))

    assert {record for record, _ in sent} == {"customer", "invoice", "creditMemo", "journalEntry"}
    assert {record for record, _ in answered} >= {"invoice", "creditMemo", "journalEntry", "subsidiary"}
    assert sorted({one for record, fields in (*sent, *answered) for one in strange_names(record, fields)}) == []


def test_queries_have_only_names_of_tables_and_their_columns(traffic: Traffic) -> None:
    queries = [read_object(call.body)["q"] for call, _ in traffic.calls if urlsplit(call.url).path.endswith("/suiteql")]
    tables: Mapping[str, list[str]] = MODEL["tables"]

    assert len(queries) > 10
    for query in queries:
        bare = re.sub(r"'[^']*'", "", query)
        words = set(WORD.findall(bare.lower())) - SQL
        aliases = set(re.findall(r" as (\w+)", bare.lower())) | set(re.findall(r"\b([a-z])\b", bare.lower()))
        named = words & set(tables)
        assert words - aliases - named <= {column for table in named for column in tables[table]}, query


def test_the_simulator_has_no_table_or_column_of_its_own(open_site: OpenSite) -> None:
    books = open_site("netsuite").simulator._books

    assert {name: list(table.columns) for name, table in tables_of(books).items()} == MODEL["tables"]
