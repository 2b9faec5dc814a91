"""Asynchronous jobs of the NetSuite simulator, and the calls that it takes at once."""

import socket
from decimal import Decimal
from urllib.parse import urlsplit

from simulators.erp import Fault
from tests.contract.simulators.callers import NetSuite
from tests.contract.simulators.test_netsuite import error_of

KEY = "0b1f3a52-6f57-4d0a-9a51-7f0f1c1c9d11"
COLLECTION = "application/vnd.oracle.resource+json; type=collection"


def job_of(netsuite: NetSuite, location: str) -> str:
    assert location.startswith("/services/rest/async/v1/job/")
    return location.removeprefix("/services/rest")


def test_a_job_is_done_later_and_its_result_is_the_answer_of_the_call(netsuite: NetSuite) -> None:
    netsuite.customer()
    submitted = netsuite.invoice(Prefer="respond-async")
    job = job_of(netsuite, submitted.headers["location"])

    assert (submitted.status_code, submitted.headers["preference-applied"]) == (202, "respond-async")
    assert netsuite.get(job).json()["progress"] == "pending"
    assert error_of(netsuite.get(f"{job}/task/1/result"))[0] == 404
    assert netsuite.simulator.documents() == ()
    netsuite.clock.pass_(minutes=1)

    assert netsuite.get(job).json()["completed"] is True
    assert [task["id"] for task in netsuite.get(f"{job}/task").json()["items"]] == ["1"]
    assert netsuite.get(f"{job}/task/1").json()["progress"] == "succeeded"
    result = netsuite.get(f"{job}/task/1/result")
    assert (result.status_code, "/invoice/" in result.headers["location"]) == (204, True)


def test_a_job_that_is_done_may_have_failed_records(netsuite: NetSuite) -> None:
    items = [netsuite.a_journal(), netsuite.a_journal() | {"externalId": "SECOND", "line": {"items": []}}]
    headers = {"Prefer": "respond-async", "Content-Type": COLLECTION, "X-NetSuite-Idempotency-Key": KEY}
    submitted = netsuite.post("/record/v1/journalEntry", {"items": items}, **headers)
    job = job_of(netsuite, submitted.headers["location"])
    netsuite.clock.pass_(minutes=1)

    assert netsuite.get(job).json()["progress"] == "succeeded"
    assert [netsuite.get(f"{job}/task/{task}").json()["progress"] for task in "12"] == ["succeeded", "failed"]
    assert error_of(netsuite.get(f"{job}/task/2/result")) == (400, "USER_ERROR", "line")
    assert netsuite.simulator.ledger.trial_balance(company="2")["2400", "USD"] == Decimal(250)

    again = netsuite.post("/record/v1/journalEntry", {"items": items}, **headers)
    assert (error_of(again)[1], again.json()["title"]) == ("IDEMPOTENCY_ERROR", "Conflict")
    assert again.headers["location"] == submitted.headers["location"]


def test_a_collection_is_small_asynchronous_and_its_key_a_uuid(netsuite: NetSuite) -> None:
    one = {"items": [netsuite.a_journal()]}
    many = {"items": [netsuite.a_journal()] * 101}

    def answer(body: object, **headers: str) -> int:
        return netsuite.post("/record/v1/journalEntry", body, **({"Content-Type": COLLECTION} | headers)).status_code

    assert answer(one) == 400
    assert answer(many, Prefer="respond-async") == 400
    assert answer(one, Prefer="respond-async", X_NetSuite_Idempotency_Key="again") == 400
    assert netsuite.simulator.documents() == ()


def test_a_job_can_be_stuck_for_ever(netsuite: NetSuite) -> None:
    netsuite.simulator.faults.script(Fault.POSTING_NEVER, operation="create_journal")
    job = job_of(netsuite, netsuite.journal(Prefer="respond-async").headers["location"])
    netsuite.clock.pass_(days=1)
    netsuite.token = netsuite.sign_in().json()["access_token"]

    assert netsuite.get(job).json()["completed"] is False
    assert netsuite.simulator.documents() == ()


def test_calls_that_are_really_under_way_take_the_places_of_others(netsuite: NetSuite) -> None:
    host, port = urlsplit(netsuite.root).hostname, urlsplit(netsuite.root).port
    assert host
    assert port
    head = (
        f"POST /services/rest/record/v1/customer HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {netsuite.token}\r\n"
        "Content-Length: 10\r\nExpect: 100-continue\r\n\r\n"
    )
    slow = [socket.create_connection((host, port)) for _ in range(5)]
    for connection in slow:
        connection.sendall(head.encode())
        assert b"100 Continue" in connection.recv(100)  # its body is awaited: the call is under way

    refused = [error_of(netsuite.get("/record/v1/account/4000"))[:2] for _ in range(2)]

    assert refused == [(429, "CONCURRENCY_LIMIT_EXCEEDED"), (400, "CONCURRENCY_LIMIT_EXCEEDED")]
    for connection in slow:
        connection.sendall(b'{"a": "b"}')
        assert b"400 Bad Request" in connection.recv(2000)
        connection.close()
    assert netsuite.get("/record/v1/account/4000").status_code == 200
