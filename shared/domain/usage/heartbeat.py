"""What a source says about its own usage: a usage.heartbeat event."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.time_period import Period

LONGEST_CLAIM = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """It claims that `sender` has sent `events` events of the source, of as many ids, whose time lies in `claimed`.

    `claimed` (UTC) has an end, at most a day after its start. A sender is one that counts, such as a process; its count
    of a period never goes down. Several senders of a source send different events, so that their counts add up.
    """

    source: str
    event_id: str
    sender: str
    claimed: Period
    events: int
