"""Send usage events to usage-to-cash. Guide: docs/guides/producers.md."""

from usage_producer.buffer import BufferFullError
from usage_producer.correction import Original, UsageAmendment, UsageVoid, amend, void
from usage_producer.event import InvalidUsageError, UsageEvent
from usage_producer.identity import event_id
from usage_producer.producer import ProducerClosedError, UsageProducer
from usage_producer.sending import FailedEvent, KinesisClient, NotOnTheStreamError, Receipt

__all__ = [
    "BufferFullError",
    "FailedEvent",
    "InvalidUsageError",
    "KinesisClient",
    "NotOnTheStreamError",
    "Original",
    "ProducerClosedError",
    "Receipt",
    "UsageAmendment",
    "UsageEvent",
    "UsageProducer",
    "UsageVoid",
    "amend",
    "event_id",
    "void",
]
