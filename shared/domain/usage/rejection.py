"""An event that was refused, and why."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import TenantId
from shared.domain.usage.event import Delivery

# What an event can be refused for. Its exception is named by its delivery.
REFUSALS = (
    ExceptionCode.MALFORMED_JSON,
    ExceptionCode.NOT_A_CLOUD_EVENT,
    ExceptionCode.UNKNOWN_CONTRACT_VERSION,
    ExceptionCode.RETIRED_CONTRACT_VERSION,
    ExceptionCode.CONTRACT_VIOLATION,
    ExceptionCode.INVALID_QUANTITY,
    ExceptionCode.PAYLOAD_TOO_LARGE,
    ExceptionCode.PAYLOAD_TOO_DEEP,
    ExceptionCode.EVENT_TOO_OLD,
    ExceptionCode.EVENT_IN_THE_FUTURE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """`reason` is for people and holds no payload; `source` and `event_id` are set as far as they could be read.

    `contract` is the version it named, if that is one that exists ("usage:2"), `occurred_at` (UTC) when it was used.
    """

    code: ExceptionCode
    reason: str
    source: str = ""
    event_id: str = ""
    contract: str = ""
    occurred_at: datetime | None = None


def quarantine(tenant: TenantId, delivery: Delivery, arrived_at: datetime, rejected: Rejected) -> ExceptionRecord:
    """Describe a refused event by its delivery; what it said stays in the archive. `arrived_at` is UTC."""
    return ExceptionRecord(
        exception_id=exception_id(rejected.code, str(delivery)),
        tenant=tenant,
        code=rejected.code,
        subject=str(delivery),
        message=rejected.reason,
        raised_at=arrived_at,
        detail={"source": rejected.source, "event_id": rejected.event_id, "contract": rejected.contract},
    )
