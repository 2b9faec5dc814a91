"""When a source was last heard of, and since when it is quiet. By the stream's clock: that of a producer may lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from shared.domain.producers.producer import Completeness, Producer

# How often a sign of one source is written down: what is recorded may be older than what was heard by as much.
RECORDED_EVERY = timedelta(minutes=1)


class Sign(StrEnum):
    """EVENT is anything that names the source, refused or not."""

    EVENT = "event"
    HEARTBEAT = "heartbeat"


# The latest arrival (UTC) of each sign of each source.
Heard: TypeAlias = Mapping[tuple[str, Sign], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A source is listened for since an instant (UTC); `told_at` is when somebody was told that it is quiet."""

    since: datetime
    told_at: datetime | None = None


def awaited_sign(producer: Producer) -> Sign:
    """Return the sign that a source must give: one that promised heartbeats is quiet without them, whatever it sends.

    Otherwise nobody would see that its counts have stopped.
    """
    return Sign.HEARTBEAT if producer.completeness is Completeness.HEARTBEAT else Sign.EVENT


def is_quiet(producer: Producer, watch: Watch, heard: Heard, read_until: datetime) -> bool:
    """Say whether a source gave no sign for too long. All that had arrived by `read_until` (UTC) was listened to.

    One that was never heard of is given its time from the moment on that it was listed.
    """
    last = heard.get((producer.source, awaited_sign(producer)), watch.since)
    return read_until - max(last, watch.since) > producer.quiet_after + RECORDED_EVERY
