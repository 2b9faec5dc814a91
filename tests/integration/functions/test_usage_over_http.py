"""POST /usage-events through the handler on real clients: the gateway's event in, usage on the stream out."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.builders.aws_resources import create_stream, create_table, records_of
from tests.builders.lambda_functions import cold_start, sample_event

LAYOUT = '[{"version": 1, "valid_from": "1970-01-01T00:00:00.000000Z", "groups": 4, "slice_minutes": 1440}]'

Invoke = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def accept_usage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Invoke]:
    with mock_aws():
        yield cold_start(
            "accept_usage",
            monkeypatch,
            TENANT="acme-saas",
            USAGE_EVENTS_STREAM="usage-events",
            MASTER_DATA_TABLE=create_table("master-data"),
            BUCKET_LAYOUT=LAYOUT,
            ACCEPTANCE_HORIZON_DAYS=35,
            FUTURE_TOLERANCE_SECONDS=300,
        )


def test_the_good_event_of_the_sample_is_on_the_stream_before_the_answer(accept_usage: Invoke) -> None:
    stream = create_stream("usage-events")
    sample = sample_event("accept_usage")

    response = accept_usage(sample)

    assert response["statusCode"] == 207
    assert [(each["id"], each["status"], each.get("code")) for each in json.loads(response["body"])["results"]] == [
        ("0f6c2a3e-0001", "accepted", None),
        ("0f6c2a3e-0002", "rejected", "INVALID_QUANTITY"),
    ]
    assert [json.loads(record) for record in records_of(stream)] == [json.loads(base64.b64decode(sample["body"]))[:1]]


def test_a_request_that_is_sent_again_repeats_the_same_events(accept_usage: Invoke) -> None:
    stream = create_stream("usage-events")

    accept_usage(sample_event("accept_usage"))
    accept_usage(sample_event("accept_usage"))

    first, again = records_of(stream)
    assert first == again


def test_a_problem_is_answered_without_the_stream(accept_usage: Invoke) -> None:
    response = accept_usage(sample_event("accept_usage") | {"headers": {"content-type": "text/plain"}})

    assert response["statusCode"] == 415
    assert response["headers"]["content-type"] == "application/problem+json"


def test_nothing_is_answered_when_the_stream_cannot_be_asked(accept_usage: Invoke) -> None:
    with pytest.raises(ClientError):
        accept_usage(sample_event("accept_usage"))


def test_the_log_names_the_sender_and_the_count_and_nothing_that_was_sent(
    accept_usage: Invoke, caplog: pytest.LogCaptureFixture
) -> None:
    create_stream("usage-events")

    accept_usage(sample_event("accept_usage"))

    told = [vars(record) for record in caplog.records if record.name == "tests"]
    assert [(each["principal"], each["events"], each["status"]) for each in told] == [
        ("arn:aws:iam::123456789012:user/acme-gateway", 2, 207)
    ]
    assert "api_calls" not in repr(told)
