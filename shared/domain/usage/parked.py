"""Accepted usage that waits for master data, in the groups that a person sees as one exception each."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, exception_id
from shared.domain.identifiers import ExceptionId, MeterCode
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.enrichment import Unresolved
from shared.domain.usage.event import Delivery


@dataclass(frozen=True, slots=True, order=True)
class ParkedGroup:
    """Everything of one subject and meter that waits for one reason: a thousand events of it are one exception.

    Where the whole event waits, its own name stands for the meter.
    """

    code: ExceptionCode
    subject: str
    meter: MeterCode

    @property
    def about(self) -> str:
        return f"{self.subject}/{self.meter}"

    @property
    def exception_id(self) -> ExceptionId:
        return exception_id(self.code, self.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedEvent:
    """One event, or what one meter measures of it, that waits.

    `attempt` names the pass in which it was parked: released and come back, it waits anew. It is the place of the
    event's record in accepted-usage with the catalogue version it was resolved against.
    """

    usage: AcceptedUsage
    code: ExceptionCode
    reason: str
    attempt: str

    @property
    def group(self) -> ParkedGroup:
        return ParkedGroup(self.code, self.usage.event.subject, self.usage.for_meter or self.usage.event.meter)

    @property
    def name(self) -> str:
        return waiting_name(self.usage.delivery, self.usage.for_meter)


def waiting_name(delivery: Delivery, meter: MeterCode | None) -> str:
    """Name what waits: a delivery, or what one meter measures of it."""
    return str(delivery) if meter is None else f"{delivery} {meter}"


def parked(usage: AcceptedUsage, why: Unresolved, *, attempt: str) -> ParkedEvent:
    """Let an event wait, or what one meter measures of it: each of these waits, and is released, by itself."""
    waiting = replace(usage, for_meter=why.meter)
    return ParkedEvent(usage=waiting, code=why.code, reason=why.reason, attempt=attempt)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGroup:
    """A group as it was read. `fence` changes whenever more of it is parked. Instants are UTC."""

    group: ParkedGroup
    fence: str
    parked_at: datetime
    settled_at: datetime | None = None
