"""Usage that was admitted, once, at its arrival; billable.py has what becomes of it."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.identifiers import MeterCode
from shared.domain.usage.event import Delivery, UsageEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedUsage:
    """An event that was admitted. The verdict travels with it: nobody judges its age again.

    `group` is its home in the ledger, made of producer fields only. Put back after it had waited for one meter alone,
    it is for that meter; else for every meter of its event.
    """

    delivery: Delivery
    received_at: datetime
    event: UsageEvent
    fingerprint: str  # 32 hex digits: 12 bytes of identity, 4 of content
    group: int
    for_meter: MeterCode | None = None
