"""Faults come by seeded chance or by script, do what they say, and are counted."""

import re
from pathlib import Path

import httpx
import pytest

from simulators.erp import Fault, FaultInjector, FaultPlan
from tests.contract.simulators.callers import ACME_ID, BusinessCentral, NetSuite

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "erp-simulators.md"


def test_the_guide_says_of_each_fault_what_it_does_and_of_no_other() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(name for row in rows for name in re.findall(r"`(\w+)`", row)) == sorted(Fault)


def test_the_same_seed_draws_the_same_faults() -> None:
    plan = FaultPlan(seed=7, throttle=0.1, lose_reply=0.1, late_commit=0.05)

    drawn = [plan.drawn(call) for call in range(2_000)]

    assert drawn == [FaultPlan(seed=7, throttle=0.1, lose_reply=0.1, late_commit=0.05).drawn(n) for n in range(2_000)]
    assert drawn != [FaultPlan(seed=8, throttle=0.1, lose_reply=0.1, late_commit=0.05).drawn(n) for n in range(2_000)]
    assert 150 < drawn.count(Fault.THROTTLE) < 250
    assert 60 < drawn.count(Fault.LATE_COMMIT) < 140
    assert set(drawn) == {None, Fault.THROTTLE, Fault.LOSE_REPLY, Fault.LATE_COMMIT}


@pytest.mark.parametrize("chances", [{"throttle": 0.6, "lose_reply": 0.5}, {"throttle": -0.1}])
def test_chances_that_cannot_be_are_refused(chances: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="chances"):
        FaultPlan(**chances)  # type: ignore[arg-type]


def test_a_script_comes_before_chance_and_reads_draw_none() -> None:
    faults = FaultInjector(FaultPlan(throttle=1.0))
    faults.script(None, Fault.LOSE_REPLY)
    faults.script(Fault.TRUNCATED_JSON, operation="get_invoice")

    assert faults.for_call("get_customer", writes=False) is None
    assert faults.for_call("get_invoice", writes=False) is Fault.TRUNCATED_JSON
    assert faults.pending == ("any write: none", "any write: lose_reply")
    assert [faults.for_call("create_invoice", writes=True) for _ in range(3)] == [
        None,
        Fault.LOSE_REPLY,
        Fault.THROTTLE,
    ]


def test_a_lost_reply_drops_the_connection_after_the_document_was_stored(business_central: BusinessCentral) -> None:
    business_central.customer()
    business_central.simulator.faults.script(Fault.LOSE_REPLY, operation="create_invoice")

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        business_central.draft()

    found = business_central.get(
        business_central.path("salesInvoices?$filter=externalDocumentNumber eq '7Q2M4K2D3XAB5C6T'")
    ).json()["value"]
    assert [invoice["status"] for invoice in found] == ["Draft"]


def test_a_lost_reply_to_posting_leaves_it_posted(business_central: BusinessCentral) -> None:
    business_central.customer()
    invoice_id = business_central.draft().json()["id"]
    business_central.simulator.faults.script(Fault.LOSE_REPLY, operation="post_invoice")

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        business_central.posted(invoice_id)

    assert business_central.get(business_central.path(f"salesInvoices({invoice_id})")).json()["status"] == "Open"


def test_a_late_commit_is_absent_until_its_time_has_come(netsuite: NetSuite) -> None:
    netsuite.customer()
    netsuite.simulator.faults.script(Fault.LATE_COMMIT, operation="create_invoice")

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        netsuite.invoice()

    assert netsuite.get("/record/v1/invoice/eid:7Q2M4K2D3XAB5C6T").status_code == 404
    netsuite.clock.pass_(seconds=299)
    assert netsuite.get("/record/v1/invoice/eid:7Q2M4K2D3XAB5C6T").status_code == 404
    netsuite.clock.pass_(seconds=1)
    assert netsuite.get("/record/v1/invoice/eid:7Q2M4K2D3XAB5C6T").status_code == 200


def test_a_late_commit_shows_in_the_ledger_without_another_call(netsuite: NetSuite) -> None:
    netsuite.customer()
    netsuite.simulator.faults.script(Fault.LATE_COMMIT, operation="create_invoice")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        netsuite.invoice()
    netsuite.clock.pass_(hours=2)  # longer than the access token lives: it was checked when the call arrived

    assert len(netsuite.simulator.documents()) == 1
    assert len(netsuite.simulator.ledger.entries) == 1


def test_a_resend_beats_a_late_commit_which_is_then_refused(netsuite: NetSuite) -> None:
    netsuite.customer()
    netsuite.simulator.faults.script(Fault.LATE_COMMIT, operation="create_invoice")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        netsuite.invoice()

    assert netsuite.invoice().status_code == 204
    netsuite.clock.pass_(minutes=10)
    assert len(netsuite.simulator.documents()) == 1


def test_a_careless_resend_before_a_late_commit_doubles_revenue(business_central: BusinessCentral) -> None:
    business_central.customer()
    business_central.simulator.faults.script(Fault.LATE_COMMIT, operation="create_invoice")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        business_central.draft()

    business_central.draft()
    business_central.clock.pass_(minutes=10)

    assert len(business_central.simulator.documents()) == 2


@pytest.mark.parametrize("fault", [Fault.READ_LAG, Fault.LOST_UNSEEN])
def test_what_reads_trail_is_there_for_whatever_writes(netsuite: NetSuite, fault: Fault) -> None:
    netsuite.customer()
    netsuite.simulator.faults.script(fault, operation="create_invoice")
    try:
        assert netsuite.invoice().status_code == 204
    except (httpx.RemoteProtocolError, httpx.ReadError):
        assert fault is Fault.LOST_UNSEEN

    by_query = "SELECT id FROM transaction WHERE externalid = '7Q2M4K2D3XAB5C6T'"
    assert netsuite.get("/record/v1/invoice/eid:7Q2M4K2D3XAB5C6T").status_code == 404
    assert netsuite.query(by_query).json()["items"] == []
    assert netsuite.invoice().status_code == 400
    netsuite.clock.pass_(seconds=240)
    assert netsuite.get("/record/v1/invoice/eid:7Q2M4K2D3XAB5C6T").status_code == 200
    assert len(netsuite.query(by_query).json()["items"]) == len(netsuite.simulator.documents()) == 1


def test_a_careless_resend_of_what_reads_trail_doubles_revenue(business_central: BusinessCentral) -> None:
    business_central.customer()
    business_central.simulator.faults.script(Fault.READ_LAG, operation="create_invoice")
    business_central.draft()
    by_reference = business_central.path("salesInvoices?$filter=externalDocumentNumber eq '7Q2M4K2D3XAB5C6T'")
    assert business_central.get(by_reference).json()["value"] == []

    business_central.draft()

    assert len(business_central.simulator.documents()) == 2
    assert len(business_central.get(by_reference).json()["value"]) == 1


@pytest.mark.parametrize(
    ("fault", "status", "stored"),
    [
        (Fault.THROTTLE, 429, 0),
        (Fault.SERVER_ERROR, 500, 0),
        (Fault.UNAVAILABLE, 503, 0),
        (Fault.REQUEST_TIMEOUT, 408, 0),
        (Fault.GATEWAY_TIMEOUT, 504, 1),
        (Fault.GATEWAY_PAGE, 502, 0),
        (Fault.AUTH_EXPIRED, 401, 0),
        (Fault.TRUNCATED_JSON, 201, 1),
    ],
)
def test_a_fault_says_one_thing_and_stores_another(
    business_central: BusinessCentral, fault: Fault, status: int, stored: int
) -> None:
    business_central.customer()
    business_central.simulator.faults.script(fault, operation="create_invoice")

    answer = business_central.draft()

    assert answer.status_code == status
    assert len(business_central.simulator.documents()) == stored
    assert ("retry-after" in answer.headers) is (fault is Fault.UNAVAILABLE)
    if fault is Fault.TRUNCATED_JSON:
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            answer.json()
    if fault is Fault.GATEWAY_PAGE:
        assert answer.headers["content-type"].startswith("text/html")


def test_an_expired_token_stays_expired(business_central: BusinessCentral) -> None:
    business_central.simulator.faults.script(Fault.AUTH_EXPIRED, operation="list_companies")

    assert business_central.get("/companies").status_code == 401
    assert business_central.get("/companies").status_code == 401
    business_central.token = business_central.sign_in().json()["access_token"]
    assert business_central.get("/companies").status_code == 200


def test_netsuite_refuses_with_either_status_when_it_is_busy(netsuite: NetSuite) -> None:
    netsuite.simulator.faults.script(Fault.THROTTLE, Fault.THROTTLE, operation="create_customer")

    answers = [netsuite.customer(), netsuite.customer()]

    assert [answer.status_code for answer in answers] == [429, 400]
    for answer in answers:
        assert answer.json()["o:errorDetails"][0]["o:errorCode"] == "CONCURRENCY_LIMIT_EXCEEDED"
        assert "retry-after" not in answer.headers


def test_a_stripped_location_leaves_the_look_up(netsuite: NetSuite) -> None:
    netsuite.customer()
    netsuite.simulator.faults.script(Fault.LOCATION_STRIPPED, operation="create_invoice")

    assert "location" not in netsuite.invoice().headers
    assert netsuite.get("/record/v1/invoice/eid:7Q2M4K2D3XAB5C6T").status_code == 200


def test_a_period_can_close_under_a_call(business_central: BusinessCentral, netsuite: NetSuite) -> None:
    netsuite.customer()
    netsuite.simulator.faults.script(Fault.CLOSED_PERIOD, operation="create_invoice")
    assert netsuite.invoice().json()["o:errorDetails"][0]["o:errorCode"] == "USER_ERROR"
    assert netsuite.invoice().status_code == 204

    business_central.customer()
    invoice_id = business_central.draft().json()["id"]
    business_central.simulator.faults.script(Fault.CLOSED_PERIOD, operation="post_invoice")
    assert "allowed posting dates" in business_central.posted(invoice_id).text
    assert business_central.posted(invoice_id).status_code == 204


def test_a_recomputed_tax_can_be_a_cent_off_and_still_balance(business_central: BusinessCentral) -> None:
    business_central.customer()
    business_central.simulator.faults.script(Fault.TAX_CENT_OFF, operation="create_invoice")

    draft = business_central.draft().json()

    assert draft["totalTaxAmount"] == 260.11
    assert business_central.posted(draft["id"]).status_code == 204


def test_faults_are_counted_and_shown(business_central: BusinessCentral) -> None:
    business_central.customer()
    business_central.simulator.faults.script(Fault.THROTTLE, Fault.SERVER_ERROR)
    business_central.draft()

    shown = business_central.http.get(f"{business_central.root}/_simulator/faults").json()

    assert shown == {"writes": 2, "injected": {"throttle": 1}, "pending": ["any write: server_error"]}


@pytest.mark.parametrize("fault", [Fault.LOCATION_STRIPPED, Fault.POSTING_NEVER, Fault.CSRF_EXPIRED, Fault.FILE_MISSED])
def test_a_fault_that_a_system_does_not_know_is_not_counted(business_central: BusinessCentral, fault: Fault) -> None:
    business_central.simulator.faults.script(fault, operation="create_customer")

    business_central.customer()

    assert business_central.simulator.faults.pending == ()
    assert business_central.simulator.faults.injected == {}


@pytest.mark.parametrize("fault", [Fault.TRUNCATED_JSON, Fault.SLOW_DRIP, Fault.CONNECTION_RESET])
def test_an_answer_without_a_body_is_not_spoilt_and_nothing_is_counted(netsuite: NetSuite, fault: Fault) -> None:
    netsuite.customer()
    netsuite.simulator.faults.script(fault, operation="create_invoice")

    assert netsuite.invoice().status_code == 204
    assert netsuite.simulator.faults.injected == {}


def test_a_connection_is_reset_in_the_middle_of_an_answer(business_central: BusinessCentral) -> None:
    business_central.customer()
    business_central.simulator.faults.script(Fault.CONNECTION_RESET, operation="create_invoice")

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        business_central.draft()

    assert len(business_central.simulator.documents()) == 1
    assert business_central.get("/companies").status_code == 200


def test_documents_are_shown_in_one_form_for_every_erp(business_central: BusinessCentral) -> None:
    business_central.customer()
    business_central.draft()

    (shown,) = business_central.http.get(f"{business_central.root}/_simulator/documents").json()

    assert shown["company"] == ACME_ID
    assert shown["external_ref"] == "7Q2M4K2D3XAB5C6T"
    assert (shown["posted"], shown["accounting_period"], shown["gross"]) == (False, "2026-03", 1560.59)
