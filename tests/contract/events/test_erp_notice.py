"""The wire of ERPs' notices: nobody signs it, so nothing of it is believed, and nothing echoed that could do harm."""

import base64
import json
from typing import Any

import pytest
from pydantic import ValidationError

from shared.contracts.erp_notice import (
    Handshake,
    Notice,
    handshake_response,
    notice_response,
    noticed_entities,
    read_notice,
)
from shared.contracts.posting import ForeignTenantError
from shared.contracts.usage_request import MAX_BODY_BYTES, Problem
from shared.domain.identifiers import TenantId
from tests.builders.lambda_functions import sample_event

TENANT = TenantId("default")


def a_request(**changes: object) -> dict[str, Any]:
    return sample_event("receive_erp_notices") | changes


def claims_of(body: str | bytes) -> tuple[str, ...]:
    told = (
        {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        if isinstance(body, bytes)
        else {"body": body}
    )
    notice = read_notice(a_request(**told))
    assert isinstance(notice, Notice)
    return notice.claims


def test_a_notice_names_its_legal_entity_by_its_address_and_claims_to_know_the_token() -> None:
    notice = read_notice(a_request())

    assert isinstance(notice, Notice)
    assert notice.legal_entity_id == "acme-gmbh"
    assert notice.claims == ("a-token-that-only-we-and-the-erp-know",)
    assert notice.received_at.isoformat() == "2026-11-01T12:54:51.500000+00:00"


def test_what_claims_to_know_the_token_is_not_shown() -> None:
    assert "a-token-that" not in repr(read_notice(a_request()))


def test_every_notice_of_a_request_has_its_claim() -> None:
    body = json.dumps({"value": [{"clientState": "one"}, {"clientState": "two"}, {"subscriptionId": "none"}, 7]})

    assert claims_of(body) == ("one", "two")
    assert claims_of(b"\xef\xbb\xbf" + body.encode()) == ("one", "two")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><script>alert(1)</script></html>",
        "[]",
        '"value"',
        '{"value": {"clientState": "one"}}',
        '{"value": "clientState"}',
        '{"clientState": "one"}',
        "[" * 100_000,
        '{"value": ' + "9" * 10_000 + "}",
        b"\xff\xfe\x00",
    ],
    ids=lambda body: str(body)[:20],
)
def test_what_is_no_notice_claims_nothing(body: str | bytes) -> None:
    assert claims_of(body) == ()


def test_a_claim_that_is_no_text_is_none_that_anybody_could_know() -> None:
    claims = claims_of('{"value": [{"clientState": null}, {"clientState": ["one"]}, {"clientState": "\\ud800"}]}')

    assert claims == ("\ud800",)


@pytest.mark.parametrize("entity", ["", "a/b", "acme gmbh", "<script>", "a" * 101, "-acme", "\u0430cme"])
def test_what_cannot_be_a_legal_entity_claims_nothing(entity: str) -> None:
    notice = read_notice(a_request(pathParameters={"legal_entity": entity}))

    assert isinstance(notice, Notice)
    assert notice.claims == ()


def test_too_large_a_body_is_refused_before_it_is_read() -> None:
    problem = read_notice(a_request(body="{" * (MAX_BODY_BYTES + 1)))

    assert isinstance(problem, Problem)
    assert problem.status == 413


def test_a_handshake_is_answered_with_its_own_word_as_plain_text() -> None:
    token = "f9a0b3a2-6c1d-4a51-9a55-1c2d3e4f5a6b"

    handshake = read_notice(a_request(queryStringParameters={"validationToken": token}, body=None))

    assert handshake == Handshake(token)
    assert handshake_response(Handshake(token)) == {
        "statusCode": 200,
        "headers": {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"},
        "body": token,
    }


@pytest.mark.parametrize(
    "token", ["", "<script>alert(1)</script>", "a b", "a\r\nset-cookie: b", "a,b", "%3Cscript%3E", "a" * 257, "ж"]
)
def test_nothing_that_could_be_more_than_a_word_is_echoed(token: str) -> None:
    problem = read_notice(a_request(queryStringParameters={"validationToken": token}))

    assert isinstance(problem, Problem)
    assert problem.status == 400
    assert not token or token not in problem.detail


def test_a_notice_is_answered_with_nothing() -> None:
    assert (notice_response()["statusCode"], notice_response()["body"]) == (200, "")


def a_batch(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"body": body} for body in bodies]}


def test_a_batch_names_each_entity_once_and_a_tick_none() -> None:
    acme, inc = (json.dumps({"tenant": "default", "legal_entity": name}) for name in ("acme-gmbh", "acme-inc"))

    assert noticed_entities(a_batch(acme, inc, acme), TENANT) == ("acme-gmbh", "acme-inc")
    assert noticed_entities(sample_event("sync_settlements"), TENANT) == ()


def test_a_message_of_another_tenant_or_of_another_shape_is_not_looked_at() -> None:
    with pytest.raises(ForeignTenantError):
        noticed_entities(a_batch('{"tenant": "globex", "legal_entity": "acme-gmbh"}'), TENANT)
    with pytest.raises(ValidationError):
        noticed_entities(a_batch('{"tenant": "default"}'), TENANT)
