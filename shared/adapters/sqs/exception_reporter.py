"""Hand exceptions over to their queue: many in one message, nothing but ASCII, which every queue takes."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from shared.adapters.chunks import bounded_chunks
from shared.contracts.exception_entries import raise_entry, resolve_entry
from shared.domain.exception_record import ExceptionRecord
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.resolution import Resolution

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_MESSAGE_BYTES = 200_000
MAX_EXCEPTIONS_A_MESSAGE = 200  # open_exception writes them one by one within its time-out


class QueuedExceptionReporter:
    """Port ExceptionReporter over SQS. Returns when the queue has every record; raises when it does not."""

    def __init__(self, client: "SQSClient", queue_url: str, tenant: TenantId) -> None:
        self._client = client
        self._queue_url = queue_url
        self._tenant = tenant

    def report(self, records: Sequence[ExceptionRecord]) -> None:
        chunks = bounded_chunks(
            (json.dumps(raise_entry(record)) for record in records),
            size_of=len,
            most_items=MAX_EXCEPTIONS_A_MESSAGE,
            most_bytes=MAX_MESSAGE_BYTES,
        )
        for chunk in chunks:
            self._send(f'{{"raise": [{", ".join(chunk)}]}}')

    def resolve(self, exception_id: ExceptionId, resolution: str, resolved_at: datetime) -> None:
        closed = Resolution(
            exception_id=exception_id, tenant=self._tenant, resolution=resolution, resolved_at=resolved_at
        )
        self._send(json.dumps({"resolve": [resolve_entry(closed)]}))

    def _send(self, body: str) -> None:
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)
