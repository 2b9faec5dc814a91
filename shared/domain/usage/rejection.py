"""An event that was refused, and why."""

from dataclasses import dataclass

from shared.domain.exception_record import ExceptionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """`reason` is for people and holds no payload; `source` and `event_id` are set as far as they could be read.

    `contract` is the version it named, if that is one that exists ("usage:2").
    """

    code: ExceptionCode
    reason: str
    source: str = ""
    event_id: str = ""
    contract: str = ""
