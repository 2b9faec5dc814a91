"""Journals, payments, batches of requests and reference data of the Business Central simulator."""

from datetime import date
from decimal import Decimal

import httpx
import pytest

from simulators.erp import serve
from simulators.erp.business_central.simulator import BusinessCentralSimulator
from simulators.erp.business_central.token_endpoint import BusinessCentralCredentials
from tests.contract.simulators.callers import ACME, ACME_ID, BusinessCentral, HandClock, a_journal_line

POST = "/Microsoft.NAV.post"
REFERENCE = "7Q2M4K2D3XAB5C6T"


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_posting_takes_the_whole_batch_with_the_lines_of_others_and_leaves_it_empty(
    business_central: BusinessCentral,
) -> None:
    journal = business_central.journal()
    for line in (a_journal_line("24000", 250), a_journal_line("40100", -250)):
        assert business_central.post(f"{journal}/journalLines", line).status_code == 201
    foreign = a_journal_line("60100", 7, documentNumber="SOMEBODY", balancingAccountNumber="12000")
    business_central.post(f"{journal}/journalLines", foreign)

    assert [document.posted for document in business_central.simulator.documents()] == [False, False]
    assert business_central.post(journal + POST).status_code == 204

    assert business_central.simulator.ledger.trial_balance(company=ACME_ID) == {
        ("12000", "EUR"): Decimal(-7),
        ("24000", "EUR"): Decimal(250),
        ("40100", "EUR"): Decimal(-250),
        ("60100", "EUR"): Decimal(7),
    }
    assert business_central.get(f"{journal}/journalLines").json()["value"] == []
    rows = business_central.get(
        business_central.path("generalLedgerEntries?$filter=documentNumber eq 'JRN-1'&$orderby=entryNumber desc")
    ).json()["value"]
    assert [(row["accountNumber"], row["debitAmount"], row["creditAmount"], row["description"]) for row in rows] == [
        ("40100", 0, 250, "earned in March"),
        ("24000", 250, 0, "earned in March"),
    ]
    assert error_of(business_central.post(journal + POST)) == (400, "Application_DialogException")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (a_journal_line("9999", 1), "Internal_InvalidTableRelation"),
        (a_journal_line("24000", 1, accountType="Customer"), "Internal_InvalidTableRelation"),
        (a_journal_line("24000", 1, documentNumber="x" * 21), "Application_StringExceededLength"),
        (a_journal_line("24000", 1, currencyCode="USD"), "BadRequest"),
        (
            a_journal_line("24000", 1, dimensionSetLines=[{"code": "DEPARTMENT", "valueCode": "NOBODY"}]),
            "Internal_InvalidTableRelation",
        ),
    ],
)
def test_a_line_that_does_not_fit_is_refused(
    business_central: BusinessCentral, line: dict[str, object], code: str
) -> None:
    journal = business_central.journal()

    assert error_of(business_central.post(f"{journal}/journalLines", line)) == (400, code)


def test_a_batch_out_of_balance_or_outside_of_the_window_posts_nothing_of_it(business_central: BusinessCentral) -> None:
    journal = business_central.journal()
    business_central.post(f"{journal}/journalLines", a_journal_line("24000", 250))
    business_central.post(f"{journal}/journalLines", a_journal_line("40100", -250, documentNumber="JRN-2"))

    assert error_of(business_central.post(journal + POST)) == (400, "Application_DialogException")

    balanced = business_central.journal("U2C-2")
    business_central.post(f"{balanced}/journalLines", a_journal_line("24000", 1, balancingAccountNumber="40100"))
    business_central.simulator.set_user_window(ACME_ID, posting_from=date(2026, 4, 1), posting_to=None)

    setup = business_central.get(business_central.path("generalLedgerSetup")).json()["value"][0]
    assert setup["allowPostingFrom"] == "0001-01-01"  # the user's own window is shown to nobody
    assert error_of(business_central.post(balanced + POST)) == (400, "Application_DialogException")
    assert business_central.simulator.ledger.entries == ()


def test_a_batch_is_deleted_with_its_lines_and_its_code_is_unique(business_central: BusinessCentral) -> None:
    journal = business_central.journal()
    business_central.post(f"{journal}/journalLines", a_journal_line("24000", 250))
    taken = business_central.post(business_central.path("journals"), {"code": "U2C-1"})

    assert error_of(taken) == (400, "Internal_EntityWithSameKeyExists")
    assert business_central.send("DELETE", journal, If_Match="*").status_code == 204
    assert error_of(business_central.get(journal)) == (404, "Internal_RecordNotFound")


def test_a_payment_journal_pays_an_invoice_at_the_bank(business_central: BusinessCentral) -> None:
    business_central.customer()
    invoice = business_central.draft().json()["id"]
    business_central.posted(invoice)
    batch = business_central.post(business_central.path("customerPaymentJournals"), {"code": "CASH"}).json()["id"]
    payment = {
        "customerNumber": "C-100",
        "postingDate": "2026-04-02",
        "documentNumber": "BANK-1",
        "amount": -1000,
        "appliesToInvoiceId": invoice,
    }
    business_central.post(business_central.path(f"customerPaymentJournals({batch})/customerPayments"), payment)

    assert business_central.post(business_central.path(f"journals({batch})") + POST).status_code == 204

    shown = business_central.get(business_central.path(f"salesInvoices({invoice})")).json()
    assert (shown["status"], shown["remainingAmount"]) == ("Open", 560.59)
    business_central.simulator.pay(REFERENCE, Decimal("560.59"), date(2026, 4, 3))
    shown = business_central.get(business_central.path(f"salesInvoices({invoice})")).json()
    assert (shown["status"], shown["remainingAmount"]) == ("Paid", 0)
    assert business_central.simulator.ledger.trial_balance(company=ACME_ID)["12000", "EUR"] == Decimal("1560.59")


def test_a_cancelled_invoice_leaves_nothing_in_the_ledger(business_central: BusinessCentral) -> None:
    business_central.customer()
    invoice = business_central.draft().json()["id"]
    business_central.posted(invoice)

    cancel = business_central.path(f"salesInvoices({invoice})/Microsoft.NAV.cancel")
    assert business_central.post(cancel).status_code == 204

    assert business_central.get(business_central.path(f"salesInvoices({invoice})")).json()["status"] == "Canceled"
    assert business_central.simulator.ledger.trial_balance(company=ACME_ID) == {}
    assert error_of(business_central.post(cancel)) == (400, "Application_DialogException")


def test_what_changed_since_an_instant_is_found_in_its_order(business_central: BusinessCentral) -> None:
    business_central.customer()
    first, second = (business_central.draft().json()["id"] for _ in range(2))
    for invoice in (first, second):
        business_central.posted(invoice)
    business_central.clock.pass_(minutes=5)
    business_central.simulator.pay(REFERENCE, Decimal(1), date(2026, 4, 2))

    query = "salesInvoices?$filter=lastModifiedDateTime ge {}&$orderby=lastModifiedDateTime,id&$top=20"
    changed = business_central.get(business_central.path(query.format("2026-04-02T06:01:00Z"))).json()["value"]
    everything = business_central.get(business_central.path(query.format("2026-04-02T06:00:00.000Z"))).json()["value"]

    assert [invoice["id"] for invoice in changed] == [first]
    assert {invoice["id"] for invoice in everything} == {first, second}


def test_a_batch_of_requests_with_isolation_is_done_whole_or_not_at_all(business_central: BusinessCentral) -> None:
    journal = business_central.journal().removeprefix("/")
    requests = [
        {"id": "1", "method": "POST", "url": f"{journal}/journalLines", "body": a_journal_line("24000", 250)},
        {"id": "2", "method": "POST", "url": f"{journal}/journalLines", "body": a_journal_line("9999", -250)},
        {"id": "3", "method": "GET", "url": f"{journal}/journalLines"},
    ]

    whole = business_central.post("/$batch", {"requests": requests}, Isolation="snapshot").json()["responses"]
    rolled_back = business_central.get(f"/{journal}/journalLines").json()["value"]
    each = business_central.post("/$batch", {"requests": requests}, Prefer="odata.continue-on-error")

    assert [(answer["id"], answer["status"]) for answer in whole] == [("1", 201), ("2", 400)]
    assert rolled_back == []
    assert [answer["status"] for answer in each.json()["responses"]] == [201, 400, 200]
    assert len(each.json()["responses"][2]["body"]["value"]) == 1
    assert error_of(business_central.post("/$batch", {"requests": requests * 34}))[0] == 400


def test_a_posting_that_a_batch_takes_back_is_in_no_ledger(business_central: BusinessCentral) -> None:
    journal = business_central.journal().removeprefix("/")
    line = a_journal_line("24000", 250, balancingAccountNumber="40100")
    requests = [
        {"method": "POST", "url": f"{journal}/journalLines", "body": line},
        {"method": "POST", "url": journal + POST},
        {"method": "POST", "url": journal + POST},
    ]

    answers = business_central.post("/$batch", {"requests": requests}, Isolation="snapshot").json()["responses"]

    assert [answer["status"] for answer in answers] == [201, 204, 400]
    assert business_central.simulator.ledger.entries == ()
    assert business_central.simulator.documents() == ()


def test_reference_data_is_read_and_a_blocked_account_takes_nothing(business_central: BusinessCentral) -> None:
    def codes(path: str, name: str = "code") -> list[object]:
        return [row[name] for row in business_central.get(business_central.path(path)).json()["value"]]

    assert codes("taxGroups") == ["VAT0", "VAT20", "VAT7"]
    assert codes("currencies") == ["JPY", "USD"]
    assert codes("dimensionValues") == ["OPS", "SALES"]
    assert codes("accounts?$filter=category eq 'Income'", "number") == ["40100", "40200"]
    expanded = business_central.get(business_central.path("dimensions?$expand=dimensionValues")).json()["value"]
    assert [value["code"] for value in expanded[0]["dimensionValues"]] == ["OPS", "SALES"]

    business_central.simulator.block_account(ACME_ID, "24000")
    journal = business_central.journal()
    business_central.post(f"{journal}/journalLines", a_journal_line("24000", 1, balancingAccountNumber="40100"))
    assert codes("accounts?$filter=blocked eq true", "number") == ["24000"]
    assert error_of(business_central.post(journal + POST)) == (400, "Application_DialogException")


def test_dimensions_of_lines_are_kept(business_central: BusinessCentral) -> None:
    journal = business_central.journal()
    line = a_journal_line("24000", 1, dimensionSetLines=[{"code": "DEPARTMENT", "valueCode": "OPS"}])
    made = business_central.post(f"{journal}/journalLines", line).json()["id"]
    again = {"code": "DEPARTMENT", "valueCode": "SALES"}

    held = business_central.get(f"{journal}/journalLines({made})/dimensionSetLines").json()["value"]

    assert [(one["code"], one["valueCode"]) for one in held] == [("DEPARTMENT", "OPS")]
    taken = business_central.post(f"{journal}/journalLines({made})/dimensionSetLines", again)
    assert error_of(taken) == (400, "Internal_EntityWithSameKeyExists")


def test_a_user_may_call_so_often_in_five_minutes_and_reads_refusals_in_its_own_language(clock: HandClock) -> None:
    simulator = BusinessCentralSimulator(
        companies=[ACME],
        credentials=BusinessCentralCredentials("u2c", "s3cret"),
        now=clock.now,
        calls_in_five_minutes=2,
        language="de-DE",
    )
    with serve(simulator.app) as root, httpx.Client(timeout=10, verify=False) as http:
        caller = BusinessCentral(
            root, simulator.base_url(root), simulator.token_url(root), http, simulator=simulator, clock=clock
        )
        caller.token = caller.sign_in().json()["access_token"]
        journal = caller.journal()
        empty = caller.post(journal + POST)
        one_too_many = caller.get(journal)
        clock.pass_(minutes=5)

        assert "Es gibt nichts zu buchen." in empty.json()["error"]["message"]
        assert (one_too_many.status_code, "retry-after" in one_too_many.headers) == (429, False)
        assert caller.get(journal).status_code == 200
