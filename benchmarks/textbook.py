"""What aggregate_usage is measured against: the handler of the textbooks."""

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.parser.models import KinesisDataStreamRecord, KinesisDataStreamRecordPayload
from pydantic import BaseModel, Json

Handler = Callable[[bytes], None]


class _Usage(BaseModel):
    delivery: str
    received_at: datetime
    source: str
    id: str
    subject: str
    occurred_at: datetime
    meter: str
    quantity: Decimal
    unique_key: str | None
    dimensions: list[tuple[str, str]]
    contract: str
    fingerprint: str
    group: int
    customer: str
    contract_id: str
    subscription: str
    product: str
    legal_entity: str
    aggregation: str


class _Payload(KinesisDataStreamRecordPayload):
    data: Json[_Usage]


class _Record(KinesisDataStreamRecord):
    kinesis: _Payload


class _Context:
    function_name = "textbook"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:textbook"
    aws_request_id = "7c1d2f"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def textbook(client: Any) -> Handler:  # noqa: ANN401 - of boto3, or one that costs nothing
    """One model, one idempotency record and one ADD an event."""
    persistence = DynamoDBPersistenceLayer(table_name="idempotency", boto3_client=client)
    config = IdempotencyConfig(event_key_jmespath="id")

    @idempotent_function(data_keyword_argument="usage", config=config, persistence_store=persistence)  # type: ignore[untyped-decorator]
    def count(usage: _Usage) -> dict[str, Any]:
        client.update_item(
            TableName="counters",
            Key={"pk": {"S": usage.customer}, "sk": {"S": f"{usage.meter}#{usage.occurred_at:%Y-%m-%dT%H}"}},
            UpdateExpression="ADD quantity :q, n :one SET contract_id = :c",
            ExpressionAttributeValues={
                ":q": {"N": str(usage.quantity)},
                ":one": {"N": "1"},
                ":c": {"S": usage.contract_id},
            },
        )
        return {"counted": True}

    def record_handler(record: _Record) -> None:
        count(usage=record.kinesis.data)

    processor = BatchProcessor(event_type=EventType.KinesisDataStreams, model=_Record)
    context: Any = _Context()

    def handler(envelope: bytes) -> None:
        config.register_lambda_context(context)
        answer = process_partial_response(
            event=json.loads(envelope), record_handler=record_handler, processor=processor, context=context
        )
        if answer["batchItemFailures"]:
            raise RuntimeError("the textbook handler failed")

    return handler
