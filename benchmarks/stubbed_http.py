"""A real DynamoDB client of boto3 whose requests are signed and serialised, and answered before they leave."""

from io import BytesIO
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ANSWERS = {
    "Query": b'{"Count":0,"Items":[],"ScannedCount":0}',
    "BatchWriteItem": b'{"UnprocessedItems":{}}',
}


class _Raw(BytesIO):
    def stream(self, **_options: object) -> "_Raw":
        return self


def stubbed_dynamodb() -> "DynamoDBClient":
    """Return a client to whom every write succeeds and every query finds nothing: for loads without repeats."""
    client = boto3.client(
        "dynamodb",
        region_name="eu-central-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        config=Config(retries={"mode": "standard", "max_attempts": 4}),
    )
    client.meta.events.register("before-send.dynamodb", _answer)  # type: ignore[arg-type]
    return client


def _answer(request: Any, **_event: object) -> AWSResponse:  # noqa: ANN401 - botocore's own
    operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
    body = _ANSWERS.get(operation, b"{}")
    headers = HTTPHeaders()
    headers["Content-Type"] = "application/x-amz-json-1.0"
    return AWSResponse(request.url, 200, headers, _Raw(body))
