"""The answer to a Kinesis event source mapping: a batch as a whole."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from pybase64 import b64decode

from shared.domain.usage.stream_record import StreamRecord
from shared.runtime.batch_response import BatchResponse
from shared.runtime.logging import logger


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
        b64decode(kinesis["data"], validate=True),
    )
