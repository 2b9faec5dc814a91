"""What products send: events on time, late, far too late, again, changed, and bytes that are no event at all."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from tests.simulation.metering.master_data import LATE_CONTRACT, LATE_METER, METERS
from tests.simulation.metering.ports import PERIOD

SOURCE = "urn:sim:gateway"
REGIONS = ("eu", "us")
TOO_LATE = timedelta(days=36)
MOST_NOMADS = 3
CORRECTIONS = 0.2  # of what is sent where there are any
MALFORMED = (b"not json", b'{"specversion": "1.0"}', b"[1, 2]", b'[{"id": "x"}')


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction says of its original: where it is counted."""

    event_id: str
    subject: str
    occurred_at: datetime

    def as_data(self) -> Mapping[str, Any]:
        time = self.occurred_at.isoformat()
        return {"id": self.event_id, "subject": self.subject, "time": time, "reason": "a test"}


@dataclass(frozen=True, slots=True)
class SentEvent:
    """One event in the producer's words. `quantity` is plain decimal text; `amends` is what it counts instead of."""

    event_id: str
    subject: str
    occurred_at: datetime
    meter: str
    quantity: str
    unique_key: str | None = None
    region: str = "eu"
    contract: str = "usage:2"
    amends: Corrected | None = None

    @property
    def place(self) -> Corrected:
        return Corrected(self.event_id, self.subject, self.occurred_at)

    @property
    def newest_time(self) -> datetime:
        return max(self.occurred_at, self.amends.occurred_at if self.amends else self.occurred_at)

    def as_cloud_event(self) -> Mapping[str, Any]:
        usage = self._usage()
        return {
            "specversion": "1.0",
            "id": self.event_id,
            "source": SOURCE,
            "type": "usage.amended" if self.amends else "usage.recorded",
            "subject": self.subject,
            "time": self.occurred_at.isoformat(),
            "dataschema": f"urn:usage-contract:{self.contract}",
            "data": {**self.amends.as_data(), "usage": usage} if self.amends else usage,
        }

    def _usage(self) -> Mapping[str, Any]:
        if self.contract == LATE_CONTRACT:
            return {"bytes": float(self.quantity), "region": self.region}
        named = {} if self.unique_key is None else {"unique_key": self.unique_key}
        dimensions = {"region": self.region, "tier": "gold"}
        return {"meter": self.meter, "quantity": self.quantity, "dimensions": dimensions, **named}


@dataclass(frozen=True, slots=True)
class SentVoid:
    """An event that says that another one does not count."""

    event_id: str
    corrects: Corrected

    @property
    def newest_time(self) -> datetime:
        return self.corrects.occurred_at

    def as_cloud_event(self) -> Mapping[str, Any]:
        return {
            "specversion": "1.0",
            "id": self.event_id,
            "source": SOURCE,
            "type": "usage.voided",
            "subject": self.corrects.subject,
            "time": self.corrects.occurred_at.isoformat(),
            "data": self.corrects.as_data(),
        }


Sent: TypeAlias = SentEvent | SentVoid


@dataclass(frozen=True, slots=True)
class SentRecord:
    """One record as it is put on usage-events. A member that is None is no event."""

    partition_key: str
    data: bytes
    members: Sequence[Sent | None]


def record_of(*events: Sent) -> SentRecord:
    first = events[0]
    key = first.subject if isinstance(first, SentEvent) else first.corrects.subject
    return SentRecord(key, json.dumps([one.as_cloud_event() for one in events]).encode(), events)


def malformed(data: bytes = MALFORMED[0]) -> SentRecord:
    members = (None, None) if data == MALFORMED[2] else (None,)
    return SentRecord("broken", data, members)


class Producer:
    """Makes the usage of one tenant from a seed. `kinds` says what is switched on."""

    def __init__(self, chance: random.Random, kinds: Sequence[str]) -> None:
        self._chance = chance
        self._kinds = kinds
        self._made: list[SentEvent] = []
        self._owed: list[SentEvent] = []  # voided before they were sent
        self._corrections = 0
        self._quarrels = 0
        self._nomads = 0
        self._probes = 0.3 if "probes" in kinds else 0.0
        self._skew = timedelta(seconds=chance.randint(-280, 280))

    def records(self, now: datetime) -> Iterator[SentRecord]:
        """Yield what is sent at an instant, at least one record."""
        if "malformed" in self._kinds and self._chance.random() < 0.1:
            yield malformed(self._chance.choice(MALFORMED))
            return
        owed, self._owed = self._owed, []
        yield record_of(*owed, *[self._sent(now) for _ in range(self._chance.randint(1, 4))])

    def _sent(self, now: datetime) -> Sent:
        if "corrections" in self._kinds and self._chance.random() < CORRECTIONS:
            return self._correction(now)
        return self._event(now)

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
            contract=LATE_CONTRACT if meter == "gigabytes" and chance.random() < self._probes else "usage:2",
        )

    def _correction(self, now: datetime) -> Sent:
        """Void or amend what was sent, or what is sent next; now and then by a wrong name."""
        chance = self._chance
        self._corrections += 1
        name = f"c{self._corrections}"
        # What the ledger books of nomad to whom is not for the archive to say.
        known = [one for one in self._made if one.subject != "nomad" and one not in self._owed]
        if not known or chance.random() < 0.2:
            fresh = self._fresh(now)
            self._made.append(fresh)
            if fresh.subject == "nomad":
                return fresh
            self._owed.append(fresh)
            return SentVoid(name, fresh.place)
        original = chance.choice(known)
        if chance.random() < 0.4:
            amended = replace(original, event_id=name, quantity="7", amends=original.place)
            self._made.append(amended)
            return amended
        return SentVoid(name, self._wrong(original.place) if chance.random() < 0.2 else original.place)

    def _wrong(self, place: Corrected) -> Corrected:
        if self._chance.random() < 0.5:
            return replace(place, occurred_at=place.occurred_at + timedelta(seconds=1))
        return replace(place, subject="acme-prod" if place.subject == "acme" else "acme")

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
