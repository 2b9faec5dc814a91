"""A source of usage that somebody watches over."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Completeness(StrEnum):
    """How a source lets us prove that nothing of it is missing.

    HEARTBEAT: it says by usage.heartbeat events how many events it has sent of which time.
    """

    NONE = "none"
    HEARTBEAT = "heartbeat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer:
    """`source` is that of its events. Not heard of for `quiet_after`, it is quiet, and `owner` is asked."""

    source: str
    quiet_after: timedelta
    completeness: Completeness
    owner: str
