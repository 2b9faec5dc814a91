"""Workers and one ERP in simulated time: who calls too much is refused, who calls too little leaves it idle."""

import heapq
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeAlias

from shared.domain.posting.pacing import CallLimits

Waits: TypeAlias = Generator[float, None, None]  # seconds, one after the other

START = datetime(2026, 4, 1, tzinfo=UTC)
CALLS_A_DOCUMENT = 4  # its customer, a draft, its posting, a look at it
# Dynamics 365 Finance, as its simulator counts them: to have it take a document, and once it is due to be asked after.
CALLS_TO_BE_TAKEN, CALLS_OF_A_FOLLOW_UP = 7, 5
ASKED_AFTER = 300.0  # seconds; its own batch job has posted a document by then
REST_EVERY, REST = 3_600.0, 30.0  # once an hour the ERP is short of resources and says so
UNTIL_STARTED = -1.0  # for who waits that somebody starts it again
SPREAD = 0.5  # sigma of the logarithm of what a call takes


@dataclass(slots=True)
class SimulatedTime:
    """The present (port Clock), and everybody who waits for an instant."""

    seconds: float = 0.0
    running: Waits | None = None
    _now: datetime = START
    _waiting: list[tuple[float, int, Waits]] = field(default_factory=list)
    _started: int = 0

    def now(self) -> datetime:
        return self._now

    def start(self, waits: Waits) -> None:
        self._started += 1
        heapq.heappush(self._waiting, (self.seconds, self._started, waits))

    def run(self) -> None:
        """Let time pass until nobody waits for anything."""
        while self._waiting:
            self.seconds, number, waits = heapq.heappop(self._waiting)
            self.running, self._now = waits, START + timedelta(seconds=self.seconds)
            wait = next(waits, None)
            if wait is not None and wait != UNTIL_STARTED:
                heapq.heappush(self._waiting, (self.seconds + wait, number, waits))


@dataclass(slots=True)
class Erp:
    """Refuses what is beyond its limits, and everything while it rests; then it says for how long."""

    time: SimulatedTime
    limits: CallLimits
    mean_call_seconds: float
    random: Random
    calls: int = 0
    refused: int = 0
    _under_way: int = 0
    _accepted: deque[float] = field(default_factory=deque)

    def call(self) -> Generator[float, None, float | None]:
        """Make a call; return None for its success, or the seconds (0: not said) after which to call again."""
        self.calls += 1
        yield self.random.uniform(0.005, 0.025)
        refusal = self._refusal()
        if refusal is not None:
            self.refused += 1
            yield 0.02
            return refusal
        self._under_way += 1
        # exp(-sigma^2 / 2) keeps the mean what it is said to be
        yield self.random.lognormvariate(-SPREAD * SPREAD / 2, SPREAD) * (self.mean_call_seconds - 0.015)
        self._under_way -= 1
        return None

    def rest_left(self) -> float:
        """Return how long the ERP wants to be left alone, in seconds."""
        since = self.time.seconds % REST_EVERY - (REST_EVERY - REST)
        return max(0.0, REST - since) if since >= 0 else 0.0

    def _refusal(self) -> float | None:
        if self.rest_left():
            return self.rest_left()
        if self._under_way >= self.limits.concurrency:
            return 0.0
        if self.limits.calls_per_minute is not None:
            while self._accepted and self._accepted[0] <= self.time.seconds - 60:
                self._accepted.popleft()
            if len(self._accepted) >= self.limits.calls_per_minute:
                return 0.0
            self._accepted.append(self.time.seconds)
        return None


@dataclass(slots=True)
class Backlog:
    """Documents that wait: in the outbox until they are asked for, then in the queue, also after an ERP was busy."""

    time: SimulatedTime
    left: int
    outbox: int = field(init=False)
    queue: list[float] = field(default_factory=list)  # when each is visible
    follow_ups: "FollowUps | None" = None  # of an ERP that takes documents and posts them later
    ended_at: float = 0.0

    def __post_init__(self) -> None:
        self.outbox = self.left

    def relay(self, *, every: float, room: Callable[[], int]) -> Waits:
        """Ask for what waits, no more than there is room for in the queue."""
        while self.left:
            for _ in range(min(self.outbox, room() - len(self.queue))):
                self.outbox -= 1
                heapq.heappush(self.queue, self.time.seconds)
            yield every

    def take(self) -> bool:
        """Take a document out of the queue, if one is visible."""
        if not self.queue or self.queue[0] > self.time.seconds:
            return False
        heapq.heappop(self.queue)
        return True

    def put_back(self, seconds: float) -> None:
        """Leave a document in the queue, invisible for so long."""
        heapq.heappush(self.queue, self.time.seconds + seconds)

    def done(self) -> None:
        self.left -= 1
        self.ended_at = self.time.seconds
        if self.follow_ups is not None:
            self.follow_ups.due.append(self.time.seconds + ASKED_AFTER)


@dataclass(slots=True)
class FollowUps(Backlog):
    """Documents that an ERP takes: each is asked for again once it is due, in a queue of its own."""

    due: deque[float] = field(default_factory=deque)

    def relay(self, *, every: float, room: Callable[[], int]) -> Waits:
        while self.left:
            for _ in range(room() - len(self.queue)):
                if not self.due or self.due[0] > self.time.seconds:
                    break
                self.due.popleft()
                heapq.heappush(self.queue, self.time.seconds)
            yield every
