"""POST /usage-events: what is read as a request, and which status an answer comes under."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest

from shared.contracts.usage_request import (
    MAX_BODY_BYTES,
    Problem,
    UsageRequest,
    problem_response,
    read_usage_request,
    usage_response,
)
from shared.domain.exception_record import ExceptionCode
from shared.domain.usage.intake import Accepted, Answer, Unconfirmed
from shared.domain.usage.rejection import Rejected
from tests.builders.lambda_functions import sample_event

BATCH = {"content-type": "application/cloudevents-batch+json"}
SINGLE = {"content-type": "application/cloudevents+json"}
TAKEN = Accepted(source="urn:acme:gateway", event_id="one")
AGAIN = Unconfirmed(source="urn:acme:gateway", event_id="two")
BAD = Rejected(code=ExceptionCode.MALFORMED_JSON, reason="not JSON at character 3")


def post(body: str | None, headers: dict[str, str], *, encoded: bool = False) -> UsageRequest | Problem:
    changes = {"body": body, "headers": headers, "isBase64Encoded": encoded}
    return read_usage_request(sample_event("accept_usage") | changes)


def test_a_request_knows_its_sender_and_when_it_came() -> None:
    assert read_usage_request(sample_event("accept_usage") | {"body": "W10="}) == UsageRequest(
        body=b"[]",
        received_at=datetime(2026, 1, 15, 10, 7, 32, 500_000, tzinfo=UTC),
        principal="arn:aws:iam::123456789012:user/acme-gateway",
    )


def test_the_sender_of_a_token_is_its_subject() -> None:
    event = sample_event("accept_usage")
    event["requestContext"]["authorizer"] = {"jwt": {"claims": {"iss": "https://id.acme.example", "sub": "gateway"}}}

    request = read_usage_request(event)

    assert isinstance(request, UsageRequest)
    assert request.principal == "gateway"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/cloudevents-batch+json",
        "application/cloudevents-batch+json; charset=UTF-8",
        'Application/CloudEvents-Batch+JSON;charset="utf-8"',
    ],
)
def test_a_batch_may_say_that_it_is_utf_8(content_type: str) -> None:
    assert isinstance(post(" [{}]", {"content-type": content_type}), UsageRequest)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "application/json"},
        {"content-type": "text/plain"},
        {"content-type": "application/cloudevents-batch+json; charset=latin-1"},
        {"content-type": "application/cloudevents-batch+json; version"},
        BATCH | {"content-encoding": "gzip"},
    ],
)
def test_another_content_type_is_415(headers: dict[str, str]) -> None:
    problem = post("[]", headers)

    assert isinstance(problem, Problem)
    assert problem.status is HTTPStatus.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.parametrize(
    ("body", "headers", "encoded"),
    [
        ("{}", BATCH, False),
        ("[]", SINGLE, False),
        ("", BATCH, False),
        (None, BATCH, False),
        ("no base64!", BATCH, True),
        ("W10", BATCH, True),
    ],
)
def test_a_body_that_is_not_what_it_is_announced_as_is_400(body: str, headers: dict[str, str], encoded: bool) -> None:
    problem = post(body, headers, encoded=encoded)

    assert isinstance(problem, Problem)
    assert problem.status is HTTPStatus.BAD_REQUEST


def test_a_body_may_be_as_large_as_a_stream_record_and_not_larger() -> None:
    largest = "[" + " " * (MAX_BODY_BYTES - 2) + "]"

    for body, encoded in ((largest, False), (b64encode(largest.encode()).decode(), True)):
        assert isinstance(post(body, BATCH, encoded=encoded), UsageRequest)
    for body, encoded in (
        (largest + " ", False),
        ("[" + "é" * (MAX_BODY_BYTES - 2), False),
        (b64encode(largest.encode() + b" ").decode(), True),
    ):
        problem = post(body, BATCH, encoded=encoded)
        assert isinstance(problem, Problem)
        assert problem.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_half_a_character_reaches_the_reader_which_refuses_it() -> None:
    assert isinstance(post('["\ud800"]', BATCH), UsageRequest)


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([], 202),
        ([TAKEN], 202),
        ([TAKEN, BAD], 207),
        ([BAD], 400),
        ([AGAIN], 503),
        ([TAKEN, AGAIN, BAD], 503),
    ],
)
def test_the_status_is_right_for_who_reads_nothing_else(answers: list[Answer], status: int) -> None:
    response = usage_response(answers)

    assert response["statusCode"] == status
    assert len(json.loads(response["body"])["results"]) == len(answers)


def test_each_event_has_its_result_in_the_order_of_the_request() -> None:
    response = usage_response([TAKEN, AGAIN, BAD])

    assert response["headers"] == {"content-type": "application/problem+json", "retry-after": "5"}
    assert json.loads(response["body"]) == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "the stream did not confirm every event: send again",
        "results": [
            {"source": "urn:acme:gateway", "id": "one", "status": "accepted"},
            {"source": "urn:acme:gateway", "id": "two", "status": "retry"},
            {
                "source": "",
                "id": "",
                "status": "rejected",
                "code": "MALFORMED_JSON",
                "reason": "not JSON at character 3",
            },
        ],
    }


def test_a_problem_is_told_in_the_standard_form() -> None:
    response = problem_response(Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body is compressed; send it as it is"))

    assert (response["statusCode"], response["headers"]) == (415, {"content-type": "application/problem+json"})
    assert json.loads(response["body"]) == {
        "type": "about:blank",
        "title": "Unsupported Media Type",
        "status": 415,
        "detail": "the body is compressed; send it as it is",
    }


def test_the_largest_answer_fits_what_lambda_may_return() -> None:
    worst: list[Any] = [BAD] * 10_000

    assert len(json.dumps(usage_response(worst))) + 2 * MAX_BODY_BYTES < 6_000_000
