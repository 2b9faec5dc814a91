"""The NetSuite simulator keeps to the published contract of SuiteTalk REST."""

from datetime import date
from decimal import Decimal

import httpx
import pytest
from beancount import loader

from simulators.erp import AccountRole
from tests.contract.simulators.callers import NetSuite, a_tax_detail


def error_of(answer: httpx.Response) -> tuple[int, str, str | None]:
    assert answer.headers["content-type"] == "application/vnd.oracle.resource+json; type=error"
    body = answer.json()
    assert body["status"] == answer.status_code
    detail = body["o:errorDetails"][0]
    return answer.status_code, detail["o:errorCode"], detail["o:errorPath"]


def an_item(**changes: object) -> dict[str, object]:
    item: dict[str, object] = {
        "item": {"id": "540"},
        "quantity": 1,
        "rate": 1200.50,
        "amount": 1200.50,
        "taxDetailsReference": "L1",
    }
    return {"items": [item | changes]}


def test_an_invoice_is_in_the_ledger_at_once(netsuite: NetSuite) -> None:
    netsuite.customer()

    created = netsuite.invoice()

    assert (created.status_code, created.content) == (204, b"")
    internal_id = created.headers["location"].rpartition("/")[2]
    by_id = netsuite.get(f"/record/v1/invoice/{internal_id}").json()
    by_key = netsuite.get("/record/v1/invoice/eid:7Q2M4K2D3XAB5C6T").json()
    assert by_id["id"] == by_key["id"] == internal_id
    assert by_id["tranId"] == "INV-2026-000123"
    assert by_id["postingPeriod"]["refName"] == "Mar 2026"
    assert (by_id["subtotal"], by_id["taxTotal"], by_id["total"]) == (1200.5, 240.1, 1440.6)
    assert by_id["status"] == {"id": "Open", "refName": "Open"}


@pytest.mark.parametrize(
    ("currency", "sent", "held"),
    [("1", 1.2, 1), ("4", 1.1172, 1.1172), ("4", None, 1.5)],  # of its own currency; of a foreign one; by its own table
)
def test_a_foreign_invoice_is_converted_at_the_rate_it_names(
    netsuite: NetSuite, currency: str, sent: float | None, held: float
) -> None:
    netsuite.customer(currency={"id": currency})

    created = netsuite.invoice({"currency": {"id": currency}, "exchangeRate": sent})

    assert created.status_code == 204
    assert netsuite.get("/record/v1/invoice/eid:7Q2M4K2D3XAB5C6T").json()["exchangeRate"] == held


@pytest.mark.parametrize("rate", [0, -1, "1.2"])
def test_a_rate_that_is_none_is_refused(netsuite: NetSuite, rate: object) -> None:
    netsuite.customer(currency={"id": "4"})

    refused = netsuite.invoice({"currency": {"id": "4"}, "exchangeRate": rate})

    assert error_of(refused) == (400, "INVALID_CONTENT", "exchangeRate")


def test_the_ledger_balances_and_beancount_agrees(netsuite: NetSuite) -> None:
    netsuite.customer()
    netsuite.invoice()

    ledger = netsuite.simulator.ledger
    assert ledger.balance(company="2", role=AccountRole.RECEIVABLE, currency="USD") == Decimal("1440.60")
    _, errors, _ = loader.load_string(netsuite.http.get(f"{netsuite.root}/_simulator/ledger").text)
    assert errors == []


def test_the_external_id_is_unique_and_the_idempotency_header_is_not_read(netsuite: NetSuite) -> None:
    netsuite.customer()
    headers = {"X-NetSuite-Idempotency-Key": "7b0f7c1e-8f37-4c3e-9a43-52f3d6f6e9d1"}

    first, second = (netsuite.invoice({}, **headers) for _ in range(2))
    other_key = netsuite.invoice({"externalId": "ANOTHER-1"}, **headers)

    assert first.status_code == 204
    assert error_of(second) == (400, "DUP_RCRD", "externalId")
    assert other_key.status_code == 204


def test_without_an_external_id_a_resend_really_doubles_revenue(netsuite: NetSuite) -> None:
    netsuite.customer()
    for _ in range(2):
        assert netsuite.invoice({"externalId": ""}).status_code == 204

    balance = netsuite.simulator.ledger.balance(company="2", role=AccountRole.RECEIVABLE, currency="USD")
    assert balance == Decimal("2881.20")


def test_two_customers_cannot_share_an_external_id(netsuite: NetSuite) -> None:
    netsuite.customer()

    assert error_of(netsuite.customer()) == (400, "DUP_RCRD", "externalId")
    assert netsuite.get("/record/v1/customer/eid:acme").json()["companyName"] == "Wayne Enterprises"
    assert error_of(netsuite.get("/record/v1/customer/eid:globex")) == (404, "NONEXISTENT_ID", None)


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"entity": {"externalId": "nobody"}}, "INVALID_KEY_OR_REF", "entity"),
        ({"entity": None}, "USER_ERROR", "entity"),
        ({"entity": "acme"}, "INVALID_CONTENT", "entity"),
        ({"subsidiary": {"id": "3"}}, "INVALID_KEY_OR_REF", "subsidiary"),
        ({"currency": {"id": "4"}}, "INVALID_KEY_OR_REF", "currency"),
        ({"approvalStatus": {"id": "9"}}, "INVALID_KEY_OR_REF", "approvalStatus"),
        ({"postingPeriod": {"id": "999999"}}, "INVALID_KEY_OR_REF", "postingPeriod"),
        ({"postingPeriod": None}, "USER_ERROR", "postingPeriod"),
        ({"tranDate": "2026-04-01"}, "USER_ERROR", "postingPeriod"),
        ({"tranDate": 20260331}, "INVALID_CONTENT", "tranDate"),
        ({"externalId": "a|b"}, "INVALID_CONTENT", "externalId"),
        ({"memo": "x" * 1000}, "INVALID_CONTENT", "memo"),
        ({"item": {"items": []}}, "USER_ERROR", "item"),
        ({"item": [1]}, "INVALID_CONTENT", "item"),
        ({"item": an_item(item={"id": "999"})}, "INVALID_KEY_OR_REF", "item.items[0].item"),
        ({"item": an_item(quantity=10_000_000_000)}, "INVALID_CONTENT", "item.items[0].quantity"),
        ({"item": an_item(amount=1234567890123.456)}, "INVALID_CONTENT", "item.items[0].amount"),
        ({"item": an_item(taxDetailsReference="L2")}, "USER_ERROR", "taxDetails"),
        ({"item": an_item(taxDetailsReference="")}, "USER_ERROR", "item"),
        ({"taxDetails": {"items": []}}, "USER_ERROR", "taxDetails"),
        (
            {"taxDetails": {"items": [a_tax_detail(taxCode={"id": "99"})]}},
            "INVALID_KEY_OR_REF",
            "taxDetails.items[0].taxCode",
        ),
        ({"taxDetails": {"items": [a_tax_detail(taxType=None)]}}, "USER_ERROR", "taxDetails.items[0].taxType"),
        ({"taxDetails": {"items": [a_tax_detail(taxAmount=None)]}}, "USER_ERROR", "taxDetails.items[0].taxAmount"),
    ],
)
def test_what_does_not_fit_is_refused_whole(
    netsuite: NetSuite, changes: dict[str, object], code: str, path: str
) -> None:
    netsuite.customer()

    assert error_of(netsuite.invoice(changes)) == (400, code, path)
    assert netsuite.simulator.documents() == ()
    assert netsuite.simulator.ledger.entries == ()


def test_a_date_outside_of_the_period_says_so(netsuite: NetSuite) -> None:
    netsuite.customer()

    answer = netsuite.invoice({"tranDate": "2026-04-01"})

    assert "not within the date range of your accounting period" in answer.text


def test_quarters_and_years_cannot_be_posted_to(netsuite: NetSuite) -> None:
    netsuite.customer()

    for name in ("Q1 2026", "FY 2026"):
        answer = netsuite.invoice({"postingPeriod": {"id": netsuite.period(name)}})
        assert error_of(answer) == (400, "INVALID_KEY_OR_REF", "postingPeriod")


def test_a_closed_or_locked_period_takes_no_invoice(netsuite: NetSuite) -> None:
    netsuite.customer()

    netsuite.simulator.lock_receivables(date(2026, 3, 1))
    assert error_of(netsuite.invoice()) == (400, "USER_ERROR", "postingPeriod")
    netsuite.simulator.lock_receivables(date(2026, 3, 1), locked=False)
    netsuite.simulator.close_period(date(2026, 3, 31))
    assert error_of(netsuite.invoice()) == (400, "USER_ERROR", "postingPeriod")
    rows = netsuite.query("SELECT closed, arlocked FROM accountingperiod WHERE periodname = 'Mar 2026'").json()["items"]
    assert rows == [{"links": [], "closed": "T", "arlocked": "T"}]


def test_tax_comes_from_line_codes_without_an_override(netsuite: NetSuite) -> None:
    netsuite.customer()
    lines = {
        "items": [
            {"item": {"id": "540"}, "amount": 0.03, "taxCode": {"id": "11"}},
            {"item": {"id": "541"}, "quantity": 3, "rate": 0.01, "taxCode": {"id": "11"}},
            {"item": {"id": "541"}, "amount": 5, "taxCode": {"id": "12"}},
        ]
    }

    netsuite.invoice({"taxDetailsOverride": False, "taxDetails": {"items": []}, "item": lines})

    invoice = netsuite.get("/record/v1/invoice/eid:7Q2M4K2D3XAB5C6T?expandSubResources=true").json()
    assert (invoice["subtotal"], invoice["taxTotal"]) == (5.06, 0.02)  # rounded line by line
    assert [item["amount"] for item in invoice["item"]["items"]] == [0.03, 0.03, 5.0]


def test_an_invoice_that_waits_for_approval_is_not_in_the_ledger(netsuite: NetSuite) -> None:
    netsuite.customer()

    netsuite.invoice({"approvalStatus": {"id": "1"}})

    assert [document.posted for document in netsuite.simulator.documents()] == [False]
    assert netsuite.simulator.ledger.entries == ()


def test_an_unknown_name_is_a_warning_unless_asked_to_be_an_error(netsuite: NetSuite) -> None:
    netsuite.customer()

    strict = netsuite.invoice({"tranID": "INV-1"}, **{"X-NetSuite-PropertyNameValidation": "Error"})
    lenient = netsuite.invoice({"tranID": "INV-1"})

    assert error_of(strict) == (400, "INVALID_CONTENT", "tranID")
    assert lenient.status_code == 204
    assert "tranID" in lenient.headers["warning"]


def test_suiteql_needs_its_header_and_refuses_what_it_does_not_know(netsuite: NetSuite) -> None:
    assert error_of(netsuite.query("SELECT id FROM customer", Prefer=""))[:2] == (400, "INVALID_HEADER")
    for query in (
        "DELETE FROM customer",
        "SELECT id FROM secrets",
        "SELECT nothing FROM accountingperiod",
        "SELECT id FROM customer LIMIT 1",
        "SELECT id FROM sqlite_master",
        "SELECT hex(id) FROM customer",
        "SELECT id FROM accountingperiod WHERE startdate <= '2026-03-31'",
        "SELECT id FROM accountingperiod WHERE startdate <= TO_DATE('2026-02-31', 'YYYY-MM-DD')",
    ):
        assert error_of(netsuite.query(query))[:2] == (400, "INVALID_CONTENT"), query


def test_suiteql_finds_the_one_month_of_a_day(netsuite: NetSuite) -> None:
    rows = netsuite.query(
        "SELECT id, periodname, startdate, TO_CHAR(enddate, 'YYYY-MM-DD') AS last FROM accountingperiod"
        " WHERE isposting = 'T' AND isquarter = 'F' AND isyear = 'F'"
        " AND startdate <= TO_DATE('2024-02-29', 'YYYY-MM-DD') AND enddate >= TO_DATE('2024-02-29', 'YYYY-MM-DD')"
    ).json()["items"]

    assert [(row["periodname"], row["startdate"], row["last"]) for row in rows] == [
        ("Feb 2024", "2/1/2024", "2024-02-29")
    ]


def test_suiteql_finds_customers_and_invoices_by_external_id_and_pages(netsuite: NetSuite) -> None:
    netsuite.customer("o-brien")
    netsuite.customer()
    netsuite.invoice()

    found = netsuite.query("select id from customer where externalid = 'acme'").json()
    page = netsuite.post(
        "/query/v1/suiteql?limit=1&offset=1", {"q": "SELECT externalid FROM customer"}, Prefer="transient"
    )
    invoice = netsuite.query("SELECT tranid FROM transaction WHERE externalid = '7Q2M4K2D3XAB5C6T'").json()

    assert found["totalResults"] == 1
    assert (page.json()["count"], page.json()["hasMore"]) == (1, False)
    assert page.json()["items"][0]["externalid"] == "acme"
    assert invoice["items"][0]["tranid"] == "INV-2026-000123"


def test_a_period_is_read_by_its_internal_id(netsuite: NetSuite) -> None:
    period = netsuite.get(f"/record/v1/accountingPeriod/{netsuite.period('Mar 2026')}").json()

    assert (period["startDate"], period["closed"], period["arLocked"]) == ("2026-03-01", False, False)
