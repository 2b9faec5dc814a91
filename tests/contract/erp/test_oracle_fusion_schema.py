"""What we send to Fusion, and what its simulator answers, against facts of what is published of its interface."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.erp.oracle_fusion.jobs import FAILED, SUCCEEDED
from shared.adapters.erp.oracle_fusion.journal_file import COLUMNS, archive_of
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.adapters.erp.oracle_fusion.transactions import transaction_fields
from shared.domain.money import currency
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.outcome import Posted
from simulators.erp.oracle_fusion import gl_interface
from simulators.erp.oracle_fusion.periods import period_rows
from tests.builders.posting import a_credit_memo, a_document, a_journal, in_dollars
from tests.contract.erp.fusion_site import UNIT, FusionSite, fusion_site
from tests.contract.erp.systems.oracle_fusion import UNDER_TEST
from tests.contract.one_address import Switchboard, one_address

FACTS: Mapping[str, Any] = json.loads((Path(__file__).parent / "schemas" / "oracle_fusion.json").read_text())


@pytest.fixture(scope="module")
def board() -> Iterator[Switchboard]:
    with one_address() as board:
        yield board


@pytest.fixture
def site(board: Switchboard) -> FusionSite:
    return fusion_site(board)


def strangers(row: Mapping[str, Any], resource: str) -> list[str]:
    """Name every attribute that is not published, of another type, or longer than it may be; children too."""
    of = FACTS["resources"][resource]
    attributes, below = of["attributes"], of.get("children", {})
    found: list[str] = []
    for name, value in row.items():
        if name in below:
            found += [f"{name}.{one}" for child in value for one in strangers(child, below[name])]
        elif name not in attributes:
            found += [] if "open" in of else [name]
        elif value is not None and not fits(value, attributes[name]):
            found.append(f"{name}={value}")
    return found


def fits(value: object, attribute: Mapping[str, Any]) -> bool:
    match attribute["type"]:
        case "string":
            is_known = value in attribute.get("values", [value])
            return isinstance(value, str) and is_known and len(value) <= attribute.get("max_length", len(value))
        case "number":
            return isinstance(value, int | Decimal)
        case "integer":
            return isinstance(value, int)
        case "boolean":
            return isinstance(value, bool)
        case kind:
            read = date.fromisoformat if kind == "date" else datetime.fromisoformat
            return isinstance(value, str) and bool(read(value))


def everything_set() -> FusionSettings:
    optional = {"line_flexfield": "U2C", "payment_terms": "30 Net", "account_combination": "101.{account}"}
    return FusionSettings(replace(UNDER_TEST.mapping, settings={**UNDER_TEST.mapping.settings, **optional}))


@pytest.mark.parametrize(
    ("document", "resource"),
    [
        (a_document(), "receivablesInvoices"),
        (in_dollars(a_document()), "receivablesInvoices"),
        (a_credit_memo(of_invoice="300000000000001"), "receivablesCreditMemos"),
        (in_dollars(a_credit_memo(of_invoice="300000000000001")), "receivablesCreditMemos"),
    ],
)
def test_what_is_sent_of_a_transaction_is_published(document: PostingDocument, resource: str) -> None:
    assert strangers(transaction_fields(document, everything_set(), customer="ACME"), resource) == []


def test_a_journal_has_the_columns_of_the_template_in_their_order() -> None:
    published = FACTS["gl_interface"]["columns"]

    assert list(COLUMNS) == published[: len(COLUMNS)]
    assert list(gl_interface.COLUMNS) == published[: len(gl_interface.COLUMNS)]
    archive = zipfile.ZipFile(io.BytesIO(archive_of(a_journal(), everything_set(), currency("EUR"))))
    rows = list(csv.reader(io.StringIO(archive.read("GlInterface.csv").decode())))
    assert {len(row) for row in rows} == {len(COLUMNS)}
    first = dict(zip(COLUMNS, rows[0], strict=True))
    assert (first["STATUS"], first["ACCOUNTING_DATE"], first["PERIOD_NAME"]) == ("NEW", "2026/10/31", "Oct-26")
    assert (first["SEGMENT1"], first["SEGMENT2"], first["ENTERED_DR"], first["ENTERED_CR"]) == (
        "101",
        "1250",
        "300.00",
        "",
    )


def test_the_statuses_of_jobs_are_read_as_others_read_them() -> None:
    assert set(FACTS["job_statuses"]["ended_well"]) <= SUCCEEDED
    assert set(FACTS["job_statuses"]["ended_badly"]) <= FAILED


def test_what_the_simulator_answers_is_published_too(site: FusionSite) -> None:
    invoice = site.post(a_document())
    assert isinstance(invoice, Posted)
    site.post(a_credit_memo(of_invoice=invoice.ref.value))
    site.post(a_journal())
    site.simulator.pay(a_document().external_ref, Decimal("1.00"), date(2026, 11, 2))
    books = site.simulator.books_of(UNIT)
    lists = {
        "receivablesInvoices": [one for one in books.transactions.values() if "InvoiceStatus" in one],
        "receivablesCreditMemos": [one for one in books.transactions.values() if "CreditMemoStatus" in one],
        "journalBatches": list(books.batches.values()),
        "standardReceipts": list(books.receipts.values()),
        "receivablesCustomerAccountSiteActivities": list(books.customers.values()),
        "accountingPeriodStatusLOV": period_rows(books),
    }

    for resource, rows in lists.items():
        assert rows, resource
        assert [name for row in rows for name in strangers(shown(row), resource)] == []


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with all that is below it, as a caller who expands everything sees it."""
    below = {
        name.removeprefix("_"): [shown(one) for one in value] for name, value in row.items() if isinstance(value, list)
    }
    return {name: value for name, value in row.items() if not name.startswith("_")} | below


def test_the_facts_say_where_they_are_from() -> None:
    sources = set(FACTS["sources"])
    assert all(source["licence"] for source in FACTS["sources"].values())
    for resource in FACTS["resources"].values():
        said_by = {attribute.get("said_by", resource["source"]) for attribute in resource["attributes"].values()}
        assert said_by | {resource["source"]} <= sources


def test_a_stranger_is_noticed() -> None:
    row = {"TransactionNumber": "X" * 21, "InvoiceStatus": "Posted", "InvoiceId": 1, "EnteredAmount": "1.00"}

    assert strangers(row, "receivablesInvoices") == [
        "TransactionNumber=" + "X" * 21,
        "InvoiceStatus=Posted",
        "InvoiceId",
        "EnteredAmount=1.00",
    ]
    with pytest.raises((ValueError, InvalidOperation)):
        fits("31 March", {"type": "date"})
