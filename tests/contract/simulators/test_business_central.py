"""The Business Central simulator keeps to the published contract of API v2.0."""

import http.client
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlsplit

import httpx
import pytest
from beancount import loader

from simulators.erp import AccountRole, GeneralLedger
from simulators.erp.business_central.books import CompanyBooks
from tests.contract.simulators.callers import ACME, ACME_ID, BusinessCentral, HandClock, a_line


def error_of(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert "CorrelationId:" in error["message"]
    return answer.status_code, error["code"]


def test_a_draft_becomes_a_posted_invoice(business_central: BusinessCentral) -> None:
    business_central.customer()

    draft = business_central.draft()
    assert draft.status_code == 201
    assert draft.json()["status"] == "Draft"
    assert business_central.simulator.ledger.entries == ()

    answer = business_central.posted(draft.json()["id"])
    assert (answer.status_code, answer.content) == (204, b"")
    posted = business_central.get(business_central.path(f"salesInvoices({draft.json()['id']})")).json()
    assert posted["status"] == "Open"
    assert posted["number"] == "PS-INV103001"
    assert posted["id"] == draft.json()["id"]
    assert posted["remainingAmount"] == 1560.59


def test_totals_are_recomputed_from_the_tax_codes(business_central: BusinessCentral) -> None:
    business_central.customer()

    lines = [a_line(unitPrice=0.03), a_line(unitPrice=0.03), a_line(unitPrice=10, taxCode="VAT7")]
    draft = business_central.draft(salesInvoiceLines=lines)

    # 20 % of 0.06 is rounded once, not 20 % of 0.03 twice.
    assert b'"totalAmountExcludingTax":10.06' in draft.content
    assert b'"totalTaxAmount":0.71' in draft.content
    assert b'"totalAmountIncludingTax":10.77' in draft.content


def test_comments_book_nothing_and_nothing_else_is_nothing_to_post(business_central: BusinessCentral) -> None:
    business_central.customer()
    comment = {"lineType": "Comment", "description": "DE-000001"}
    only_that = business_central.draft(salesInvoiceLines=[comment]).json()["id"]
    invoice = business_central.draft(salesInvoiceLines=[comment, a_line(unitPrice=10)]).json()["id"]

    assert b"There is nothing to post." in business_central.posted(only_that).content
    assert business_central.posted(invoice).status_code == 204
    assert error_of(business_central.draft(salesInvoiceLines=[comment | {"quantity": 1}]))[0] == 400
    (entry,) = business_central.simulator.ledger.entries
    assert sorted(line.amount for line in entry.lines) == [Decimal(-10), Decimal(-2), Decimal(12)]


def test_amounts_are_exact_beyond_what_a_float_holds(business_central: BusinessCentral) -> None:
    business_central.customer()
    body = (
        b'{"customerNumber":"C-100","salesInvoiceLines":[{"lineType":"Account","lineObjectNumber":"40100",'
        b'"quantity":1,"unitPrice":90071992547409931.07,"taxCode":"VAT0"}]}'
    )

    answer = business_central.http.post(
        business_central.base + business_central.path("salesInvoices"),
        content=body,
        headers={"Authorization": f"Bearer {business_central.token}"},
    )

    assert b'"totalAmountIncludingTax":90071992547409931.07' in answer.content


def test_a_yen_invoice_has_no_fraction(business_central: BusinessCentral) -> None:
    business_central.customer()

    draft = business_central.draft(currencyCode="JPY", salesInvoiceLines=[a_line(unitPrice=1000.5)])

    assert b'"totalAmountIncludingTax":1201,' in draft.content


def test_the_ledger_balances_and_beancount_agrees(business_central: BusinessCentral) -> None:
    business_central.customer()
    business_central.posted(business_central.draft().json()["id"])

    ledger = business_central.simulator.ledger
    assert ledger.balance(company=ACME_ID, role=AccountRole.RECEIVABLE, currency="EUR") == Decimal("1560.59")
    assert ledger.balance(company=ACME_ID, role=AccountRole.TAX, currency="EUR") == Decimal("-260.10")
    text = business_central.http.get(f"{business_central.root}/_simulator/ledger").text
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    assert any("7Q2M4K2D3XAB5C6T" in (getattr(entry, "links", None) or ()) for entry in entries)


def test_ledger_entries_are_read_back_by_document_number(business_central: BusinessCentral) -> None:
    business_central.customer()
    business_central.posted(business_central.draft().json()["id"])

    rows = business_central.get(
        business_central.path("generalLedgerEntries?$filter=documentNumber eq 'PS-INV103001'")
    ).json()["value"]

    assert [(row["accountNumber"], row["debitAmount"], row["creditAmount"]) for row in rows] == [
        ("13100", 1560.59, 0),
        ("40100", 0, 1200.5),
        ("40200", 0, 99.99),
        ("22500", 0, 260.1),
    ]


def test_a_second_invoice_with_the_same_reference_really_doubles_revenue(business_central: BusinessCentral) -> None:
    business_central.customer()
    for _ in range(2):
        business_central.posted(business_central.draft().json()["id"])

    found = business_central.get(
        business_central.path("salesInvoices?$filter=externalDocumentNumber eq '7Q2M4K2D3XAB5C6T'&$select=id,number")
    ).json()["value"]

    assert [invoice["number"] for invoice in found] == ["PS-INV103001", "PS-INV103002"]
    assert len(business_central.simulator.documents()) == 2


def test_posting_twice_is_refused_and_books_once(business_central: BusinessCentral) -> None:
    business_central.customer()
    invoice_id = business_central.draft().json()["id"]
    business_central.posted(invoice_id)

    assert error_of(business_central.posted(invoice_id)) == (400, "Application_DialogException")
    assert len(business_central.simulator.ledger.entries) == 1


def test_a_closed_period_refuses_the_post_but_not_the_draft(business_central: BusinessCentral) -> None:
    business_central.customer()
    business_central.simulator.set_posting_window(
        ACME_ID, posting_from=business_central.clock.now().date(), posting_to=None
    )

    draft = business_central.draft()
    answer = business_central.posted(draft.json()["id"])

    assert draft.status_code == 201
    assert error_of(answer) == (400, "Application_DialogException")
    assert "not within your range of allowed posting dates" in answer.text
    setup = business_central.get(business_central.path("generalLedgerSetup")).json()["value"][0]
    assert (setup["allowPostingFrom"], setup["allowPostingTo"]) == ("2026-04-02", "0001-01-01")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"customerNumber": "C-404"}, 400, "Internal_InvalidTableRelation"),
        ({"currencyCode": "XXX"}, 400, "Internal_InvalidTableRelation"),
        ({"currencyCode": "EUR"}, 400, "Internal_InvalidTableRelation"),
        ({"salesInvoiceLines": [a_line(lineObjectNumber="99999")]}, 400, "Internal_InvalidTableRelation"),
        ({"salesInvoiceLines": [a_line(taxCode="VAT99")]}, 400, "Internal_InvalidTableRelation"),
        ({"salesInvoiceLines": [a_line(taxCode="")]}, 400, "Application_FieldValidationException"),
        ({"salesInvoiceLines": [a_line(unitPrice="12")]}, 400, "BadRequest"),
        ({"salesInvoiceLines": [a_line(totalTaxAmount=1)]}, 400, "BadRequest"),
        ({"salesInvoiceLines": "none"}, 400, "BadRequest"),
        ({"externalDocumentNumber": "X" * 36}, 400, "Application_StringExceededLength"),
        ({"number": "MINE-1"}, 400, "Application_DialogException"),
        ({"postingDate": "31.03.2026"}, 400, "BadRequest"),
        ({"totalTaxAmount": 1}, 400, "BadRequest"),
    ],
)
def test_what_does_not_fit_is_refused_whole(
    business_central: BusinessCentral, changes: dict[str, object], status: int, code: str
) -> None:
    business_central.customer()

    assert error_of(business_central.draft(**changes)) == (status, code)
    assert business_central.simulator.documents() == ()


def test_an_invoice_without_lines_cannot_be_posted(business_central: BusinessCentral) -> None:
    business_central.customer()
    invoice = business_central.draft(salesInvoiceLines=[]).json()

    assert error_of(business_central.posted(invoice["id"])) == (400, "Application_DialogException")

    line = business_central.post(business_central.path(f"salesInvoices({invoice['id']})/salesInvoiceLines"), a_line())
    assert line.status_code == 201
    assert business_central.posted(invoice["id"]).status_code == 204


def test_a_draft_is_changed_and_deleted_only_with_its_etag(business_central: BusinessCentral) -> None:
    business_central.customer()
    draft = business_central.draft().json()
    path = business_central.path(f"salesInvoices({draft['id']})")
    change = {"dueDate": "2026-05-31"}

    assert error_of(business_central.send("PATCH", path, change))[0] == 400
    changed = business_central.send("PATCH", path, change, If_Match=draft["@odata.etag"])
    assert changed.json()["dueDate"] == "2026-05-31"
    stale = business_central.send("DELETE", path, If_Match=draft["@odata.etag"])
    assert error_of(stale) == (409, "Request_EntityChanged")
    assert business_central.send("DELETE", path, If_Match="*").status_code == 204
    assert error_of(business_central.get(path)) == (404, "Internal_RecordNotFound")


def test_a_posted_invoice_is_neither_changed_nor_deleted(business_central: BusinessCentral) -> None:
    business_central.customer()
    invoice_id = business_central.draft().json()["id"]
    business_central.posted(invoice_id)
    path = business_central.path(f"salesInvoices({invoice_id})")

    for answer in (
        business_central.send("PATCH", path, {"dueDate": "2026-05-31"}, If_Match="*"),
        business_central.send("DELETE", path, If_Match="*"),
        business_central.post(f"{path}/salesInvoiceLines", a_line()),
    ):
        assert error_of(answer) == (400, "Application_DialogException")


def test_customer_numbers_are_unique_and_found_by_filter(business_central: BusinessCentral) -> None:
    business_central.customer("O'Brien")

    again = business_central.post(business_central.path("customers"), {"number": "O'Brien", "displayName": "Other"})
    found = business_central.get(business_central.path("customers?$filter=number eq 'O''Brien'")).json()["value"]
    missing = business_central.get(business_central.path("customers?$filter=number eq 'C-404'")).json()["value"]

    assert error_of(again) == (400, "Internal_EntityWithSameKeyExists")
    assert [customer["displayName"] for customer in found] == ["Wayne Enterprises"]
    assert missing == []


@pytest.mark.parametrize("option", ["$filter=contains(number,'C')", "$filter=nothing eq '1'", "$filter=number eq"])
def test_a_filter_that_is_not_understood_is_refused(business_central: BusinessCentral, option: str) -> None:
    business_central.customer()

    assert error_of(business_central.get(business_central.path(f"customers?{option}"))) == (400, "BadRequest")


def test_lines_are_shown_when_expanded(business_central: BusinessCentral) -> None:
    business_central.customer()
    invoice_id = business_central.draft().json()["id"]

    plain = business_central.get(business_central.path(f"salesInvoices({invoice_id})")).json()
    expanded = business_central.get(
        business_central.path(f"salesInvoices({invoice_id})?$expand=salesInvoiceLines")
    ).json()

    assert "salesInvoiceLines" not in plain
    assert [line["lineObjectNumber"] for line in expanded["salesInvoiceLines"]] == ["40100", "40200"]
    assert not [name for name in expanded if name.startswith("_")]


def test_only_the_right_secret_and_scope_get_a_token(business_central: BusinessCentral) -> None:
    assert business_central.sign_in(client_secret="wrong").status_code == 401
    assert business_central.sign_in(scope="openid").status_code == 400


def test_tokens_are_needed_and_expire(business_central: BusinessCentral) -> None:
    good = business_central.token

    business_central.token = "made-up"
    assert error_of(business_central.get("/companies")) == (401, "Authentication_InvalidCredentials")
    business_central.token = good
    assert business_central.get("/companies").json()["value"][0]["id"] == ACME_ID
    business_central.clock.pass_(minutes=60)
    assert error_of(business_central.get("/companies")) == (401, "Authentication_InvalidCredentials")


def test_malformed_json_unknown_addresses_and_companies_are_refused(business_central: BusinessCentral) -> None:
    bearer = {"Authorization": f"Bearer {business_central.token}"}
    customers = business_central.base + business_central.path("customers")

    for content in (b"{", b"[]", b"NaN", b"[" * 100_000):
        answer = business_central.http.post(customers, content=content, headers=bearer)
        assert error_of(answer) == (400, "BadRequest")
    assert error_of(business_central.get(business_central.path("salesQuotes")))[0] == 404
    assert error_of(business_central.get("/companies(other)/customers")) == (404, "Internal_RecordNotFound")


def test_a_body_over_the_limit_is_refused_before_it_is_read(business_central: BusinessCentral) -> None:
    address = urlsplit(business_central.base + business_central.path("customers"))
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    connection.putrequest("POST", address.path)
    connection.putheader("Content-Length", str(351 * 1024 * 1024))
    connection.endheaders()

    assert connection.getresponse().status == 413
    connection.close()


def test_accounting_periods_start_each_month(business_central: BusinessCentral) -> None:
    periods = business_central.get(business_central.path("accountingPeriods")).json()["value"]

    april = [period for period in periods if period["startingDate"] == "2026-04-01"]
    assert [period["closed"] for period in april] == [False]


def test_a_company_without_a_currency_table_of_its_own_has_the_usual_one(clock: HandClock) -> None:
    books = CompanyBooks(replace(ACME, currencies={}), GeneralLedger([ACME]), clock.now, None, None)

    assert [code for code in ("GBP", "JPY", "EUR", "gbp", "POUND") if books.has_currency(code)] == ["GBP", "JPY"]
    assert [books.iso_currency(code) for code in ("GBP", "")] == ["GBP", "EUR"]
