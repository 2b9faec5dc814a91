"""Counts of what the stream has confirmed, by the time of the events, and the heartbeats that tell them."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from usage_producer.correction import Event, UsageAmendment, UsageVoid
from usage_producer.event import UsageEvent, encode, instant_text
from usage_producer.identity import event_id, hash_key_of

PERIOD = timedelta(minutes=15)
HEARTBEATS_A_RECORD = 50
MOST_RECORDS = 100  # of one time; what is left is told the next time
MOST_IDS = 100_000  # held to tell repeats from new events: some ten megabytes
REPEATS_KNOWN_FOR = timedelta(hours=1)  # after the end of a period that is told
OLDEST = timedelta(days=35)  # older usage is refused, and so is a claim about it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Tally:
    """The events of one source and period that this process has seen confirmed, under the name of one sender."""

    source: str
    start: datetime
    sender: str
    ids: set[bytes] = field(default_factory=set)
    events: int = 0
    told: int = 0

    def count(self, event: UsageEvent | UsageAmendment) -> None:
        self.ids.add(bytes.fromhex(event.id))
        self.events = len(self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A claim about one tally as it was at one time."""

    tally: _Tally
    events: int
    at: datetime

    def encoded(self) -> bytes:
        """Return the CloudEvent as JSON in UTF-8."""
        tally = self.tally
        record_key = f"{tally.sender} {instant_text(tally.start)} {instant_text(self.at)}"
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": event_id(tally.source, record_key, "usage.heartbeat"),
            "source": tally.source,
            "type": "usage.heartbeat",
            "time": instant_text(self.at),
            "data": {
                "sender": tally.sender,
                "sent_from": instant_text(tally.start),
                "sent_until": instant_text(tally.start + PERIOD),
                "events": self.events,
            },
        }
        return encode(event)


@dataclass(frozen=True, slots=True)
class HeartbeatRecord:
    """Heartbeats that share a stream record. Which shard it goes to does not matter."""

    heartbeats: Sequence[Heartbeat]

    def entry(self) -> dict[str, Any]:
        data = b"[" + b",".join(each.encoded() for each in self.heartbeats) + b"]"
        return {"PartitionKey": "heartbeats", "ExplicitHashKey": hash_key_of(0), "Data": data}


class Counts:
    """Counts for the sources that promise heartbeats; of others it takes no notice. Thread-safe.

    Memory is bounded: a tally whose ids are given up is told as it is, and later events of its time are counted by
    another sender, whose claims are added. A repeat across that is counted twice.
    """

    def __init__(self, sources: Collection[str], now: Callable[[], datetime]) -> None:
        self._sources = sources
        self._now = now
        self._process = uuid4().hex
        self._given_up = 0
        self._lock = threading.Lock()
        self._open: dict[tuple[str, datetime], _Tally] = {}
        self._closed: list[_Tally] = []  # not told yet
        self._ids_held = 0

    def confirmed(self, event: Event) -> None:
        """Count an event that the stream has; again, it counts once. A void is no usage."""
        if isinstance(event, UsageVoid) or event.source not in self._sources:
            return
        if abs(self._now() - event.occurred_at) > OLDEST:
            return
        with self._lock:
            tally = self._tally(event.source, event.occurred_at)
            before = tally.events
            tally.count(event)
            self._ids_held += tally.events - before
            if self._ids_held > MOST_IDS:
                self._close(max(self._open.values(), key=lambda each: each.events))

    def untold(self, *, signs_of_life: bool) -> Sequence[HeartbeatRecord]:
        """Return heartbeats of all counts that have changed since they were told, oldest first.

        For a sign of life, those of the present time come unchanged, too, though nothing was sent.
        """
        with self._lock:
            now = self._now()
            self._forget(now)
            present = [self._tally(source, now) for source in self._sources] if signs_of_life else []
            changed = [tally for tally in (*self._closed, *self._open.values()) if tally.events > tally.told]
            unchanged = [tally for tally in present if tally.events == tally.told]
            beats = [Heartbeat(tally=tally, events=tally.events, at=now) for tally in (*unchanged, *changed)]
        some = beats[: MOST_RECORDS * HEARTBEATS_A_RECORD]
        cuts = range(0, len(some), HEARTBEATS_A_RECORD)
        return [HeartbeatRecord(some[cut : cut + HEARTBEATS_A_RECORD]) for cut in cuts]

    def told(self, record: HeartbeatRecord) -> None:
        """Take note that the stream has a record of heartbeats."""
        with self._lock:
            for heartbeat in record.heartbeats:
                heartbeat.tally.told = max(heartbeat.tally.told, heartbeat.events)

    def _forget(self, now: datetime) -> None:
        self._closed = [tally for tally in self._closed if tally.events > tally.told]
        long_over = [tally for tally in self._open.values() if tally.start + PERIOD < now - REPEATS_KNOWN_FOR]
        for tally in long_over:
            if tally.events == tally.told:
                self._close(tally)

    def _tally(self, source: str, at: datetime) -> _Tally:
        start = _EPOCH + (at - _EPOCH) // PERIOD * PERIOD
        tally = self._open.get((source, start))
        if tally is None:
            sender = f"{self._process}-{self._given_up}"
            tally = self._open[source, start] = _Tally(source=source, start=start, sender=sender)
        return tally

    def _close(self, tally: _Tally) -> None:
        """Give up the ids of a tally. Whoever counts on for its time is another sender."""
        del self._open[tally.source, tally.start]
        self._given_up += 1
        self._ids_held -= len(tally.ids)
        tally.ids.clear()
        if tally.events > tally.told:
            self._closed.append(tally)
