"""What products send: events on time, late, far too late, again, changed, and bytes that are no event at all."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.metering.master_data import LATE_METER, METERS
from tests.simulation.metering.stages import PERIOD

SOURCE = "urn:sim:gateway"
REGIONS = ("eu", "us")
TOO_LATE = timedelta(days=36)
MOST_NOMADS = 3
MALFORMED = (b"not json", b'{"specversion": "1.0"}', b"[1, 2]", b'[{"id": "x"}')


@dataclass(frozen=True, slots=True)
class SentEvent:
    """One event in the producer's words. `quantity` is plain decimal text."""

    event_id: str
    subject: str
    occurred_at: datetime
    meter: str
    quantity: str
    unique_key: str | None = None
    region: str = "eu"

    def as_cloud_event(self) -> Mapping[str, Any]:
        named = {} if self.unique_key is None else {"unique_key": self.unique_key}
        return {
            "specversion": "1.0",
            "id": self.event_id,
            "source": SOURCE,
            "type": "usage.recorded",
            "subject": self.subject,
            "time": self.occurred_at.isoformat(),
            "dataschema": "urn:usage-contract:usage:2",
            "data": {
                "meter": self.meter,
                "quantity": self.quantity,
                "dimensions": {"region": self.region, "tier": "gold"},
                **named,
            },
        }


@dataclass(frozen=True, slots=True)
class SentRecord:
    """One record as it is put on usage-events. A member that is None is no event."""

    partition_key: str
    data: bytes
    members: Sequence[SentEvent | None]


def record_of(*events: SentEvent) -> SentRecord:
    return SentRecord(events[0].subject, json.dumps([one.as_cloud_event() for one in events]).encode(), events)


def malformed(data: bytes = MALFORMED[0]) -> SentRecord:
    members = (None, None) if data == MALFORMED[2] else (None,)
    return SentRecord("broken", data, members)


class Producer:
    """Makes the usage of one tenant from a seed. `kinds` says what is switched on."""

    def __init__(self, chance: random.Random, kinds: Sequence[str]) -> None:
        self._chance = chance
        self._kinds = kinds
        self._made: list[SentEvent] = []
        self._quarrels = 0
        self._nomads = 0
        self._skew = timedelta(seconds=chance.randint(-280, 280))

    def records(self, now: datetime) -> Iterator[SentRecord]:
        """Yield what is sent at an instant, at least one record."""
        if "malformed" in self._kinds and self._chance.random() < 0.1:
            yield malformed(self._chance.choice(MALFORMED))
            return
        yield record_of(*[self._event(now) for _ in range(self._chance.randint(1, 4))])

    def _event(self, now: datetime) -> SentEvent:
        if self._made and "repeats" in self._kinds and self._chance.random() < 0.2:
            return self._chance.choice(self._made)
        quarrels = "quarrels" in self._kinds and self._quarrels < 2 and self._made
        event = self._quarrel() if quarrels and self._chance.random() < 0.1 else self._fresh(now)
        self._made.append(event)
        return event

    def _fresh(self, now: datetime) -> SentEvent:
        chance = self._chance
        subject = chance.choice(["acme", "acme-prod", "globex", *self._odd_subjects()])
        self._nomads += subject == "nomad"
        meter = chance.choice([code for code in METERS if code != LATE_METER or "unknown" in self._kinds])
        if "unknown" in self._kinds and chance.random() < 0.05:
            meter = "nothing"
        occurred_at = now + self._skew - self._lateness()
        return SentEvent(
            event_id=f"e{len(self._made)}",
            subject=subject,
            occurred_at=_before_the_period(occurred_at) if subject == "nomad" else occurred_at,
            meter=meter,
            quantity=f"{chance.randint(0, 40) / 4:f}",
            unique_key=chance.choice([None, "ann", "bob", "cy"]) if meter == "users" else None,
            region=chance.choice(REGIONS),
        )

    def _odd_subjects(self) -> list[str]:
        unknown = ["wayne", "nobody", "dormant"] if "unknown" in self._kinds else []
        # Each of nomad's events may be acme's or globex's: a few are enough, and more are too many alternatives.
        return unknown + (["nomad"] if "moves" in self._kinds and self._nomads < MOST_NOMADS else [])

    def _lateness(self) -> timedelta:
        chance = self._chance
        if "too late" in self._kinds and chance.random() < 0.03:
            return chance.choice([TOO_LATE, timedelta(hours=-1)])
        if "late" in self._kinds and chance.random() < 0.2:
            return timedelta(minutes=chance.randint(30, 360))
        return timedelta(seconds=chance.randint(0, 120))

    def _quarrel(self) -> SentEvent:
        """Say something else under an id that was used: in the same home, or in another slice."""
        about = self._chance.choice([one for one in self._made if one.subject in ("acme", "globex")] or self._made)
        if about.subject not in ("acme", "globex") or about.meter in (LATE_METER, "nothing"):
            return about
        self._quarrels += 1
        if self._chance.random() < 0.5:
            return replace(about, quantity="99")
        return replace(about, occurred_at=about.occurred_at - timedelta(hours=5))


def _before_the_period(occurred_at: datetime) -> datetime:
    """Move a time by whole days: usage of a name that changes hands ties with no archive if its period is verified."""
    return occurred_at - max(timedelta(0), timedelta(days=(occurred_at - PERIOD.start).days + 1))
