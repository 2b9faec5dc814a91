"""Cookies stay with their session, a token against forged requests is renewed once, and no entry is no entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.adapters.erp.session import CallResult
from shared.adapters.http.transport import NoAnswer, Reply
from shared.domain.posting.outcome import AuthFailed

PARTNERS = "/sap/opu/odata/sap/API_BUSINESS_PARTNER/A_BusinessPartner"
COOKIES = "sap-usercontext=sap-client=100; path=/; expires=Thu, 01 Jan 2099 00:00:00 GMT, SAP_SESSIONID_X=a%3d1; secure"
WITH_TOKEN = Reply(200, {"x-csrf-token": "t-1", "set-cookie": COOKIES}, b"{}")
CREATED = Reply(201, {}, b"{}")
WANTS_A_TOKEN = Reply(403, {"x-csrf-token": "Required"}, b"CSRF token validation failed")


@dataclass
class Scripted:
    """Answers in turn and remembers what it was sent."""

    answers: list[CallResult]
    sent: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def call(self, method: str, path: str, *, content: bytes, headers: Mapping[str, str]) -> CallResult:
        self.sent.append((method, headers))
        return self.answers.pop(0)


def test_a_write_fetches_a_token_and_sends_all_cookies_that_came_with_it() -> None:
    calls = Scripted([WITH_TOKEN, CREATED])

    assert SapSession(calls).create(PARTNERS, {"a": 1}) == CREATED

    (fetching, fetched), (writing, written) = calls.sent
    assert (fetching, fetched["x-csrf-token"], "Cookie" in fetched) == ("GET", "fetch", False)
    assert (writing, written["x-csrf-token"]) == ("POST", "t-1")
    assert written["Cookie"] == "sap-usercontext=sap-client=100; SAP_SESSIONID_X=a%3d1"


def test_a_token_is_kept_and_renewed_once_in_a_new_session() -> None:
    renewed = Reply(200, {"x-csrf-token": "t-2", "set-cookie": "SAP_SESSIONID_X=b; path=/"}, b"{}")
    calls = Scripted([WITH_TOKEN, CREATED, WANTS_A_TOKEN, renewed, CREATED])
    session = SapSession(calls)
    session.create(PARTNERS, {})

    assert session.create(PARTNERS, {}) == CREATED

    assert [headers.get("x-csrf-token") for _, headers in calls.sent] == ["fetch", "t-1", "t-1", "fetch", "t-2"]
    assert [headers.get("Cookie") for _, headers in calls.sent[3:]] == [None, "SAP_SESSIONID_X=b"]


def test_a_second_refusal_of_the_token_is_the_answer() -> None:
    calls = Scripted([WITH_TOKEN, WANTS_A_TOKEN, WITH_TOKEN, WANTS_A_TOKEN])

    assert SapSession(calls).create(PARTNERS, {}) == WANTS_A_TOKEN
    assert calls.answers == []


def test_without_a_token_nothing_is_written() -> None:
    locked = AuthFailed("user and password are refused")
    calls = Scripted([locked])

    assert SapSession(calls).create(PARTNERS, {}) == locked
    assert [method for method, _ in calls.sent] == ["GET"]


def test_a_write_without_an_answer_is_not_repeated() -> None:
    calls = Scripted([WITH_TOKEN, NoAnswer("ReadTimeout")])

    assert SapSession(calls).create(PARTNERS, {}) == NoAnswer("ReadTimeout")


def test_a_user_who_may_not_use_a_service_is_stopped_at_once() -> None:
    forbidden = Reply(403, {}, b"no authorization")
    session = SapSession(Scripted([forbidden, forbidden]))

    assert isinstance(session.read(f"{PARTNERS}?$top=1"), AuthFailed)
    assert isinstance(session.post_entry("/sap/bc/srt/x", b"<x/>"), AuthFailed)


def test_an_entry_needs_neither_cookies_nor_token() -> None:
    calls = Scripted([Reply(200, {}, b"")])

    SapSession(calls).post_entry("/sap/bc/srt/x", b"<x/>")

    assert calls.sent == [("POST", {"Content-Type": "text/xml; charset=utf-8", "Accept": "text/xml"})]
