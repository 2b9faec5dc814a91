"""What somebody who hands usage over is told of each event."""

from dataclasses import dataclass
from typing import TypeAlias

from shared.domain.usage.rejection import Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The stream has confirmed it. Ingest judges it again, by the same rules."""

    source: str
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """Nothing is wrong with it, and the stream has not confirmed it: to be sent again."""

    source: str
    event_id: str


Answer: TypeAlias = Accepted | Unconfirmed | Rejected
