"""The end of an exception: who or what settled it, and when."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.identifiers import ExceptionId, TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """`resolved_at` is UTC. An exception raised later than that, under the same id, is open again."""

    exception_id: ExceptionId
    tenant: TenantId
    resolution: str
    resolved_at: datetime
