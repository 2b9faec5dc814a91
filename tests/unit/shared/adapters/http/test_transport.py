"""Whether a request may have been processed, told from how it failed."""

import gzip
import logging
from collections.abc import Iterator

import httpx
import pytest

from shared.adapters.http.transport import (
    LONGEST_EXCHANGE_SECONDS,
    MAX_REPLY_BYTES,
    HttpTransport,
    NoAnswer,
    NotSent,
    Reply,
    Request,
    http_client,
)

REQUEST = Request("POST", "https://erp.test/salesInvoices", {"Authorization": "Bearer secret"}, b"{}")


def a_transport(answer: httpx.Response | Exception) -> HttpTransport:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return HttpTransport(httpx.Client(transport=httpx.MockTransport(handle)))


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_without_a_connection_nothing_was_sent(error: type[httpx.TransportError]) -> None:
    assert a_transport(error("x")).exchange(REQUEST) == NotSent(error.__name__)


@pytest.mark.parametrize(
    "error",
    [httpx.ReadTimeout, httpx.WriteTimeout, httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError],
)
def test_after_the_first_byte_nobody_knows(error: type[httpx.TransportError]) -> None:
    assert a_transport(error("x")).exchange(REQUEST) == NoAnswer(error.__name__)


def test_an_address_that_is_none_was_not_sent_to() -> None:
    with httpx.Client() as client:
        assert isinstance(HttpTransport(client).exchange(Request("GET", "erp", {})), NotSent)


def test_a_redirect_is_a_reply_and_is_not_followed() -> None:
    reply = a_transport(httpx.Response(307, headers={"Location": "https://elsewhere.test"})).exchange(REQUEST)

    assert isinstance(reply, Reply)
    assert reply.status == 307


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30.c2ln"},
        {"authorization": "Basic bm9ib2R5OmVsc2UncyBwYXNzd29yZA=="},
        {
            "Cookie": "SAP_SESSIONID=74cf818b29b0bc453f4a7263; usercontext=100",
            "X-CSRF-Token": "b0b206db9656b219a6d7b4e2",
        },
    ],
)
def test_a_refusal_that_quotes_its_request_tells_nobody_what_it_was_let_in_by(headers: dict[str, str]) -> None:
    quoted = f"not for you: {headers}, usercontext=100, 1428.68 EUR"
    request = Request("POST", "https://erp.test/salesInvoices", headers)

    reply = a_transport(httpx.Response(400, text=quoted)).exchange(request)

    assert isinstance(reply, Reply)
    assert b"(hidden)" in reply.body
    assert b"1428.68 EUR" in reply.body
    for let_in_by in ("eyJhbGciOiJub25lIn0.e30.c2ln", "bm9ib2R5", "A==", "74cf818b29b0", "b0b206db9656"):
        assert let_in_by.encode() not in reply.body


def test_no_address_is_logged_for_it_may_name_a_customer_or_be_signed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda _, request: httpx.Response(201, request=request))
    caplog.set_level(logging.INFO)  # as in a function that logs in JSON

    with http_client() as client:
        HttpTransport(client).exchange(Request("PUT", "https://blob.test/j.zip?sig=c2VjcmV0&name=Acme", {}))

    assert caplog.text == ""


def test_a_cookie_of_one_call_is_not_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str | None] = []

    def handle(_: object, request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("Cookie"))
        return httpx.Response(200, headers={"Set-Cookie": "SAP_SESSIONID=a; path=/"}, request=request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)
    with http_client() as client:
        for headers in ({}, {}, {"Cookie": "mine=1"}):
            HttpTransport(client).exchange(Request("GET", "https://erp.test/", headers))

    assert sent == [None, None, "mine=1"]


def test_a_reply_without_end_is_no_answer() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * MAX_REPLY_BYTES

    assert isinstance(a_transport(httpx.Response(200, content=endless())).exchange(REQUEST), NoAnswer)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(("seconds_a_byte", "is_answer"), [(1, False), (0.1, True)])
def test_a_reply_that_drips_is_given_up_after_a_while(seconds_a_byte: float, is_answer: bool, packed: bool) -> None:
    now, text = 0.0, "".join(f"invoice {number}," for number in range(40)).encode()
    headers = {"Content-Encoding": "gzip"} if packed else {}

    def drips() -> Iterator[bytes]:
        nonlocal now
        for byte in (gzip.compress(text) if packed else text)[: 3 * LONGEST_EXCHANGE_SECONDS]:
            now += seconds_a_byte
            yield bytes([byte])

    client = httpx.Client(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, content=drips()))
    )
    exchange = HttpTransport(client, lambda: now).exchange(REQUEST)

    assert isinstance(exchange, Reply if is_answer else NoAnswer)
    assert now <= LONGEST_EXCHANGE_SECONDS + seconds_a_byte


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("17", 17),
        ("1793520000", 3_600),  # an instant of 2026, where seconds are wanted
        ("9" * 5_000, 3_600),
        ("Sun, 22 Nov 2026 02:30:30 GMT", 30),
        ("Mon, 23 Nov 2026 02:30:00 GMT", 3_600),
        ("Sun, 22 Nov 2026 02:29:00 GMT", 0),
        ("Sun, 22 Nov 2026 99:99:99 GMT", None),
        ("-3", None),
        ("soon", None),
    ],
)
def test_nobody_waits_longer_than_an_hour_whatever_a_reply_asks_for(asked: str, seconds: int | None) -> None:
    headers = {"retry-after": asked, "date": "Sun, 22 Nov 2026 02:30:00 GMT"}

    assert Reply(429, headers, b"").retry_after_seconds == seconds


def test_a_date_to_wait_for_says_nothing_without_the_date_of_the_reply() -> None:
    assert Reply(503, {"retry-after": "Sun, 22 Nov 2026 02:30:30 GMT"}, b"").retry_after_seconds is None
