"""The answer to an SQS event source mapping that reports batch item failures."""

from collections.abc import Callable
from typing import Any

from shared.runtime.batch_response import BatchItemFailure, BatchResponse
from shared.runtime.logging import logger


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
