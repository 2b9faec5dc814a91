"""A first look at a line of an events file: when it arrives, and whose it is. It forgives everything."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from shared.contracts.usage_event.json_members import members_of
from shared.contracts.usage_event.registry import MAX_EVENTS_IN_A_RECORD
from shared.domain.time_period import Period, parse_instant

PACKABLE_BYTES_MAX = 32_000
PACKABLE_BRACKETS_MAX = 12
CLOCK_OFF_BY = timedelta(days=366)
_SIMULATED = Period(datetime(1971, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
_UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Glance:
    """What a line says of itself. `arrives_at` is None when no event of it names a time. Times are in UTC."""

    arrives_at: datetime | None
    subject: str  # of its first event
    used: tuple[tuple[str, datetime], ...]  # subject and time of each event
    events: int  # as many as ingest will find: a line may be a CloudEvents batch
    packable: bool  # one JSON object of usual size: may share a stream record with others


def glance_at(text: bytes) -> Glance:
    members = [member.text for member in islice(members_of(text), MAX_EVENTS_IN_A_RECORD + 1)]
    events = [event for member in members if (event := _read(member)) is not None]
    timed = [(event, at) for event in events if (at := _instant(event.get("time"))) is not None]
    arrivals = [_instant(event.get("arrivaltime")) or at for event, at in timed]
    is_object = len(events) == len(members) == 1 and members[0] is text
    return Glance(
        arrives_at=max(arrivals, default=None),
        subject=_subject(events[0]) if events else _UNREADABLE,
        used=tuple((_subject(event), at) for event, at in timed),
        events=len(members),
        packable=is_object
        and len(text) <= PACKABLE_BYTES_MAX
        and text.count(b"{") + text.count(b"[") <= PACKABLE_BRACKETS_MAX,
    )


def believable(arrivals: Iterable[datetime]) -> Period:
    """Return the time around which a file's arrivals lie. Those a year away from all the others are a clock gone wrong.

    `arrivals` are not empty. Simulated time would otherwise run for centuries because of one line.
    """
    ordered = sorted(arrivals)
    groups = [[ordered[0]]]
    for before, after in pairwise(ordered):
        if after - before > CLOCK_OFF_BY:
            groups.append([])
        groups[-1].append(after)
    largest = max(groups, key=len)
    return Period(largest[0], largest[-1] + timedelta(microseconds=1))


def _read(text: bytes) -> dict[str, object] | None:
    try:
        event = json.loads(text.decode(), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _subject(event: dict[str, object]) -> str:
    data = event.get("data")
    return str(event.get("subject") or (data.get("customer") if isinstance(data, dict) else None))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is no finite number")
    return number


def _instant(value: object) -> datetime | None:
    try:
        instant = parse_instant(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
    return instant if instant is not None and instant in _SIMULATED else None
