"""Journals, payments, reference data and changes of the NetSuite simulator keep to the published contract."""

from datetime import date
from decimal import Decimal

import pytest

from tests.contract.simulators.callers import NetSuite
from tests.contract.simulators.test_netsuite import error_of

MARCH = date(2026, 3, 31)


def a_line(account: str, **sides: object) -> dict[str, object]:
    return {"account": {"id": account}, **sides}


def test_a_journal_moves_what_its_lines_say(netsuite: NetSuite) -> None:
    answer = netsuite.journal()

    assert (answer.status_code, answer.content) == (204, b"")
    assert "/journalEntry/" in answer.headers["location"]
    assert netsuite.simulator.ledger.trial_balance(company="2") == {
        ("2400", "USD"): Decimal(250),
        ("4000", "USD"): Decimal(-250),
    }
    [journal] = netsuite.simulator.documents()
    assert (journal.kind, journal.gross, journal.posted, journal.accounting_period) == (
        "journal",
        Decimal(250),
        True,
        "2026-03",
    )
    found = netsuite.get("/record/v1/journalEntry/eid:J7Q2M4K2D3XAB5C6?expandSubResources=true").json()
    assert found["line"]["items"][0]["department"] == {"id": "4", "refName": "department 4"}
    assert error_of(netsuite.journal())[:2] == (400, "DUP_RCRD")


@pytest.mark.parametrize(
    ("lines", "code", "path"),
    [
        ([a_line("2400", debit=1), a_line("4000", credit=2)], "USER_ERROR", "line"),
        ([a_line("2400", debit=1, credit=1), a_line("4000", credit=1)], "USER_ERROR", "line.items[0]"),
        ([a_line("2400", debit=-1), a_line("4000", debit=1)], "USER_ERROR", "line.items[0]"),
        ([a_line("2400", debit=1)], "USER_ERROR", "line"),
        ([a_line("9999", debit=1), a_line("4000", credit=1)], "INVALID_KEY_OR_REF", "line.items[0].account"),
        ([a_line("1100", debit=1), a_line("4000", credit=1)], "USER_ERROR", "line.items[0].entity"),
        (
            [a_line("2400", debit=1, department={"id": "77"}), a_line("4000", credit=1)],
            "INVALID_KEY_OR_REF",
            "line.items[0].department",
        ),
    ],
)
def test_a_journal_that_no_ledger_would_take_is_refused(
    netsuite: NetSuite, lines: list[object], code: str, path: str
) -> None:
    assert error_of(netsuite.journal({"line": {"items": lines}})) == (400, code, path)
    assert netsuite.simulator.ledger.entries == ()


def test_a_period_locked_for_receivables_takes_journals_and_one_locked_for_all_does_not(netsuite: NetSuite) -> None:
    netsuite.customer()
    netsuite.simulator.lock_receivables(MARCH)

    assert error_of(netsuite.invoice())[1] == "USER_ERROR"
    assert netsuite.journal().status_code == 204

    netsuite.simulator.set_posting_window("2", posting_from=None, posting_to=date(2026, 2, 28))
    assert error_of(netsuite.journal({"externalId": "SECOND"}))[1] == "USER_ERROR"


def test_an_account_that_was_made_inactive_is_shown_so_and_takes_nothing(netsuite: NetSuite) -> None:
    netsuite.simulator.deactivate("account", "2400")

    rows = netsuite.query("SELECT id, isinactive FROM account WHERE accttype = 'OthCurrLiab' ORDER BY id").json()[
        "items"
    ]

    assert [(row["id"], row["isinactive"]) for row in rows] == [("2200", "F"), ("2400", "T")]
    assert error_of(netsuite.journal())[1] == "INVALID_KEY_OR_REF"


def test_reference_data_is_read_by_record_and_by_query(netsuite: NetSuite) -> None:
    account = netsuite.get("/record/v1/account/4000").json()

    assert (account["acctNumber"], account["acctType"], account["isInactive"]) == ("4000", "Income", False)
    assert netsuite.get("/record/v1/department/4").json()["name"] == "department 4"
    assert error_of(netsuite.get("/record/v1/location/1"))[0] == 404
    for table, keys in {"item": ["540", "541"], "currency": ["1", "4"], "classification": ["9"]}.items():
        rows = netsuite.query(f"SELECT id FROM {table} ORDER BY id").json()["items"]
        assert [row["id"] for row in rows] == keys


def test_payments_and_credits_leave_an_invoice_open_partly_and_at_last_paid(netsuite: NetSuite) -> None:
    netsuite.customer()
    invoice = netsuite.invoice().headers["location"].rpartition("/")[2]
    part = {
        "customer": {"externalId": "acme"},
        "tranDate": "2026-03-31",
        "postingPeriod": {"id": netsuite.period("Mar 2026")},
        "payment": 440.60,
        "apply": {"items": [{"doc": {"id": invoice}, "apply": True, "amount": 440.60}]},
    }

    assert netsuite.post("/record/v1/customerPayment", part).status_code == 204
    assert netsuite.get(f"/record/v1/invoice/{invoice}").json()["amountRemaining"] == 1000
    assert error_of(netsuite.post("/record/v1/customerPayment", part | {"payment": 1}))[1] == "USER_ERROR"
    rest = {"tranDate": "2026-03-31", "postingPeriod": {"id": netsuite.period("Mar 2026")}}
    turned = netsuite.post(f"/record/v1/invoice/{invoice}/!transform/customerPayment", rest)

    assert "/customerPayment/" in turned.headers["location"]
    assert netsuite.get(f"/record/v1/invoice/{invoice}").json()["status"]["id"] == "Paid In Full"
    assert netsuite.simulator.ledger.trial_balance(company="2") == {
        ("1010", "USD"): Decimal("1440.60"),
        ("2200", "USD"): Decimal("-240.10"),
        ("4000", "USD"): Decimal("-1200.50"),
    }
    linked = netsuite.query(
        "SELECT t.type, t.foreigntotal FROM transaction t JOIN previoustransactionlinelink l ON l.nextdoc = t.id"
        f" WHERE l.previousdoc = {invoice} ORDER BY t.id"
    ).json()["items"]
    assert [(row["type"], row["foreigntotal"]) for row in linked] == [("CustPymt", "440.60"), ("CustPymt", "1000.00")]


def test_what_changed_since_an_instant_is_found_in_its_order(netsuite: NetSuite) -> None:
    netsuite.customer()
    netsuite.invoice()
    netsuite.clock.pass_(minutes=30)
    netsuite.simulator.pay("7Q2M4K2D3XAB5C6T", Decimal(100), date(2026, 4, 2))
    query = (
        "SELECT t.externalid, t.status, t.foreignamountunpaid,"
        " TO_CHAR(t.lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS at"
        " FROM transaction t JOIN transactionline l ON l.transaction = t.id AND l.mainline = 'T'"
        " WHERE l.subsidiary = 2 AND t.type IN ('CustInvc', 'CustCred') AND t.lastmodifieddate >="
        " TO_DATE('{since}', 'YYYY-MM-DD HH24:MI:SS') ORDER BY t.lastmodifieddate, t.id"
    )

    changed = netsuite.query(query.format(since="2026-04-02 06:30:00")).json()["items"]

    assert [{name: row[name] for name in row if name != "links"} for row in changed] == [
        {
            "externalid": "7Q2M4K2D3XAB5C6T",
            "status": "A",
            "foreignamountunpaid": "1340.60",
            "at": "2026-04-02 06:30:00",
        }
    ]
    assert netsuite.query(query.format(since="2026-04-02 06:30:01")).json()["items"] == []


def test_an_upsert_without_replace_adds_its_lines_and_doubles_revenue(netsuite: NetSuite) -> None:
    netsuite.customer()
    body = {name: value for name, value in netsuite.an_invoice().items() if name != "externalId"}
    for _ in range(2):
        assert netsuite.send("PUT", "/record/v1/invoice/eid:7Q2M4K2D3XAB5C6T", body).status_code == 204
    doubled = netsuite.simulator.ledger.trial_balance(company="2")["4000", "USD"]
    netsuite.send("PUT", "/record/v1/invoice/eid:7Q2M4K2D3XAB5C6T?replace=item", body)

    assert doubled == Decimal(-2401)
    assert netsuite.simulator.ledger.trial_balance(company="2")["4000", "USD"] == Decimal("-1200.50")


def test_a_voided_invoice_leaves_nothing_in_the_ledger_and_takes_no_payment(netsuite: NetSuite) -> None:
    netsuite.customer()
    invoice = netsuite.invoice().headers["location"].rpartition("/")[2]
    netsuite.simulator.void("7Q2M4K2D3XAB5C6T", date(2026, 4, 2))

    assert netsuite.simulator.ledger.trial_balance(company="2") == {}
    assert netsuite.query("SELECT voided, status FROM transaction").json()["items"][0]["voided"] == "T"
    refused = netsuite.post(
        f"/record/v1/invoice/{invoice}/!transform/customerPayment",
        {"payment": 5, "postingPeriod": {"id": netsuite.period("Mar 2026")}, "tranDate": "2026-03-31"},
    )
    assert error_of(refused)[1] == "INVALID_KEY_OR_REF"


def test_only_an_administrator_sees_the_limits(netsuite: NetSuite) -> None:
    assert error_of(netsuite.get("/system/v1/governanceLimits"))[:2] == (403, "INSUFFICIENT_PERMISSION")
