"""The records of a stream as a function gets them, and what is told of those that were given up."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from moto.kinesis.models import Record

from operations.local.event_sources.mapping import EventSourceMapping


class Condition(StrEnum):
    """Why records are given up, in Lambda's words. Only the first comes with the function's last response."""

    RETRIES_EXHAUSTED = "RetryAttemptsExhausted"
    TOO_OLD = "RecordAgeExceeded"


def event_record(mapping: EventSourceMapping, shard_id: str, record: Record) -> dict[str, Any]:
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.partition_key,
            "sequenceNumber": str(record.sequence_number),
            "data": record.data,
            "approximateArrivalTimestamp": record.created_at,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard_id}:{record.sequence_number}",
        "eventName": "aws:kinesis:record",
        "awsRegion": mapping.region,
        "eventSourceARN": mapping.source_arn,
    }


def failed_batch_key(mapping: EventSourceMapping, shard_id: str, batch: Sequence[Record], now: datetime) -> str:
    unique = uuid5(NAMESPACE_OID, f"{mapping.mapping_id}/{shard_id}/{batch[0].sequence_number}")
    path = f"aws/lambda/{mapping.mapping_id}/{shard_id}/{now:%Y/%m/%d}"
    return f"{path}/{now:%Y-%m-%dT%H.%M.%S}-{unique}"


def failed_batch(
    mapping: EventSourceMapping,
    shard_id: str,
    batch: Sequence[Record],
    *,
    now: datetime,
    attempts: int,
    condition: Condition,
    function_error: str | None,
    with_records: bool,
) -> str:
    """Write it in JSON. `attempts` are those that counted against the retries. Only a bucket gets the records too."""
    first, last = batch[0], batch[-1]
    response = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": function_error}
    body: dict[str, Any] = {
        "requestContext": {
            "requestId": str(uuid5(NAMESPACE_OID, failed_batch_key(mapping, shard_id, batch, now))),
            "functionArn": mapping.function_arn,
            "condition": condition.value,
            "approximateInvokeCount": attempts,
        },
        **({"responseContext": response} if condition is Condition.RETRIES_EXHAUSTED else {}),
        "version": "1.0",
        "timestamp": _timestamp(now),
        "KinesisBatchInfo": {
            "shardId": shard_id,
            "startSequenceNumber": str(first.sequence_number),
            "endSequenceNumber": str(last.sequence_number),
            "approximateArrivalOfFirstRecord": _timestamp(datetime.fromtimestamp(first.created_at, UTC)),
            "approximateArrivalOfLastRecord": _timestamp(datetime.fromtimestamp(last.created_at, UTC)),
            "batchSize": len(batch),
            "streamArn": mapping.source_arn,
        },
    }
    if with_records:
        body["payload"] = {"Records": [event_record(mapping, shard_id, record) for record in batch]}
    return json.dumps(body)


def _timestamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
