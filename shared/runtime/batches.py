"""Answers to event source mappings that report batch item failures, by the rules of each source."""

from binascii import a2b_base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict

from shared.domain.usage.stream_record import StreamRecord
from shared.runtime.logging import logger

__all__ = ["BatchItemFailure", "BatchResponse", "StreamRecord", "process_queue_batch", "process_stream_batch"]


class BatchItemFailure(TypedDict):
    itemIdentifier: str


class BatchResponse(TypedDict):
    batchItemFailures: list[BatchItemFailure]


def process_stream_batch(event: dict[str, Any], process: Callable[[Sequence[StreamRecord]], None]) -> BatchResponse:
    """Process a Kinesis batch as a whole: all of it is durable, or this raises and all of it comes again.

    Bad records must not raise: they are quarantined. What raises is the machinery, and a retry is the answer to it.
    Raised and not reported by item: a report at the first record of a batch is a success to Lambda, which then counts
    no error and halves no batch, so that the alarm stays silent and one record takes a thousand along when it is
    given up.
    """
    records = [_stream_record(record) for record in event["Records"]]
    try:
        process(records)
    except Exception:
        logger.exception("stream batch failed", extra={"shard": records[0].shard_id, "records": len(records)})
        raise
    return {"batchItemFailures": []}


def _stream_record(record: dict[str, Any]) -> StreamRecord:
    kinesis = record["kinesis"]
    return StreamRecord(
        record["eventID"].partition(":")[0],
        kinesis["sequenceNumber"],
        datetime.fromtimestamp(kinesis["approximateArrivalTimestamp"], UTC),
        a2b_base64(kinesis["data"]),
    )


def process_queue_batch(event: dict[str, Any], process: Callable[[str], None]) -> BatchResponse:
    """Process each SQS message body by itself; the ones that raised become visible again and count a receive."""
    failures: list[BatchItemFailure] = []
    for record in event["Records"]:
        try:
            process(record["body"])
        except Exception:  # noqa: BLE001 - whatever it was, the batch comes again
            logger.exception("queue message failed", extra={"message_id": record["messageId"]})
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
