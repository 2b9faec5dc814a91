"""Tokens of a session live as long as their secret, and both stay out of all that may be printed or logged."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from shared.adapters.erp.business_central.connect import SECRET_FIELDS, token_request
from shared.adapters.erp.session import CallResult, ErpSession
from shared.adapters.http.connection_secrets import KEPT_FOR, ConnectionSecrets
from shared.adapters.http.transport import HttpTransport, Reply
from shared.domain.posting.outcome import AuthFailed, Throttled
from tests.fakes.posting_world import SimulatedClock

SECRET = {
    "base_url": "https://bc.test/api/v2.0",
    "token_url": "https://login.test/token",
    "client_id": "usage-to-cash",
    "client_secret": "correct horse",
}


@dataclass(slots=True)
class World:
    """One connection. The token endpoint and the ERP answer in the order given, and what they were sent is kept."""

    session: ErpSession
    secrets: Any
    clock: SimulatedClock
    sent: list[httpx.Request] = field(default_factory=list)

    def rotate(self, client_secret: str) -> None:
        fields = {**SECRET, "client_secret": client_secret}
        self.secrets.put_secret_value(SecretId="erp", SecretString=json.dumps(fields))

    def call(self) -> CallResult:
        return self.session.call("POST", "/salesInvoices", body={"unitPrice": 1})

    def bearers(self) -> list[str]:
        return [request.headers["authorization"] for request in self.sent if request.url.host == "bc.test"]


@contextmanager
def a_world(tokens: list[httpx.Response], *answers: httpx.Response) -> Iterator[World]:
    token_answers, erp_answers = iter(tokens), iter(answers)
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return next(token_answers if request.url.host == "login.test" else erp_answers)

    with mock_aws(), httpx.Client(transport=httpx.MockTransport(handle)) as client:
        secrets = boto3.client("secretsmanager")
        secrets.create_secret(Name="erp", SecretString=json.dumps(SECRET))
        clock = SimulatedClock()
        session = ErpSession(
            "erp",
            credentials=ConnectionSecrets(secrets, clock),
            needed=SECRET_FIELDS,
            token_request=token_request,
            transport=HttpTransport(client),
            clock=clock,
        )
        yield World(session, secrets, clock, sent)


def call_with(tokens: list[httpx.Response], *answers: httpx.Response) -> CallResult:
    """Make one call."""
    with a_world(tokens, *answers) as world:
        return world.call()


def a_token(value: str = "bearer-of-today", *, expires_in: int = 3600) -> httpx.Response:
    return httpx.Response(200, json={"access_token": value, "expires_in": expires_in})


def test_a_refused_token_is_renewed_once_and_then_it_is_a_matter_for_people() -> None:
    refused = httpx.Response(401)

    assert call_with([a_token(), a_token()], refused, httpx.Response(201, json={})) == Reply(
        201, {"content-length": "2", "content-type": "application/json"}, b"{}"
    )
    assert isinstance(call_with([a_token(), a_token()], refused, refused), AuthFailed)


def test_a_token_is_used_no_longer_than_the_secret_that_it_was_got_with() -> None:
    taken = httpx.Response(201, json={})

    with a_world([a_token("bearer-of-dana"), a_token("bearer-of-kim")], taken, taken, taken) as world:
        world.call()
        world.call()
        world.rotate("battery staple")
        world.clock.instant += KEPT_FOR
        world.call()

        assert world.bearers() == ["Bearer bearer-of-dana", "Bearer bearer-of-dana", "Bearer bearer-of-kim"]
        assert b"battery+staple" in world.sent[-2].content


def test_a_secret_that_gets_no_token_is_not_helped_by_the_token_of_the_one_before() -> None:
    taken = httpx.Response(201, json={})

    with a_world([a_token(), httpx.Response(400), httpx.Response(400)], taken, taken) as world:
        world.call()
        world.rotate("of nobody")
        world.clock.instant += KEPT_FOR

        refused = [world.call(), world.call()]

        assert refused == [AuthFailed("erp gives no token: status 400")] * 2
        assert len(world.bearers()) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_token_endpoint_that_is_down_has_processed_no_document(status: int) -> None:
    assert call_with([httpx.Response(status, headers={"Retry-After": "30"})]) == Throttled(30)


@pytest.mark.parametrize("expires_in", [1_795_000_000_000, -1, 10**30])
def test_a_token_whose_life_is_no_span_of_time_is_used_all_the_same(expires_in: int) -> None:
    found = call_with([a_token(expires_in=expires_in)], httpx.Response(201, json={}))

    assert isinstance(found, Reply)
    assert found.status == 201


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"access_token": 7}', b'{"access_token": "x", "expires_in": []}']
)
def test_a_token_reply_without_a_token_is_an_outcome(body: bytes) -> None:
    assert isinstance(call_with([httpx.Response(200, content=body)]), AuthFailed)


def test_neither_secret_nor_token_is_logged_or_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="httpx"):
        outcome = call_with([a_token(), a_token()], httpx.Response(401), httpx.Response(401))

    for secret in ("correct horse", "bearer-of-today"):
        assert secret not in caplog.text
        assert secret not in repr(outcome)
        assert secret not in repr(token_request(SECRET))
