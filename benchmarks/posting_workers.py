"""Workers that post a backlog to one ERP: ours, some that know everything of each other, and some that know nothing."""

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from benchmarks.erp_traffic import CALLS_A_DOCUMENT, UNTIL_STARTED, Backlog, Erp, Waits
from shared.adapters.erp.turns import Turns
from shared.domain.posting.pacing import Answer, Caller, CallLimits, NotYet, Turn, Usage, again_at
from tests.fakes.in_memory_call_pacing import InMemoryCallPacing

TAKING_UP, SETTLING, WRITE = 0.03, 0.04, 0.005  # seconds: of a document, and of a write to DynamoDB
FIRST_BACK_OFF = 30.0  # of a posting that was refused (domain/posting/decisions)
CONNECTION = "acme/books"


Posting = Generator[float, None, float | None]  # what it ends with: after which seconds to try again, None when posted


class Worker(Protocol):
    def post(self) -> Posting:
        """Make the calls for one document."""

    def begin(self) -> Posting:
        """Wait until it may call, or tell after which seconds to try again."""


def work(worker: Worker, backlog: Backlog) -> Waits:
    """Post what is in the queue until nothing is left."""
    while backlog.left:
        if not backlog.take():
            yield 0.2
            continue
        yield TAKING_UP
        put_back_for = yield from worker.begin()
        if put_back_for is not None:
            backlog.put_back(put_back_for)
            continue
        put_back_for = yield from worker.post()
        yield SETTLING
        if put_back_for is None:
            backlog.done()
        else:
            backlog.put_back(put_back_for)


@dataclass(slots=True)
class CountedPacing(InMemoryCallPacing):
    """A line in memory that counts what would be written to DynamoDB, and read.

    Who has found no turn reads until there is one. The first look is a write: a caller remembers the line as its own
    last write has left it.
    """

    writes: int = 0
    reads: int = 0
    _reading: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        InMemoryCallPacing.__init__(self)

    @property
    def looks(self) -> int:
        return self.writes + self.reads

    def take(
        self, connection: str, caller: Caller, limits: CallLimits, *, now: datetime, patience: timedelta
    ) -> Answer:
        answer = InMemoryCallPacing.take(self, connection, caller, limits, now=now, patience=patience)
        if isinstance(answer, Turn) or caller.name not in self._reading:
            self.writes += 1
        else:
            self.reads += 1
        (self._reading.discard if isinstance(answer, Turn) else self._reading.add)(caller.name)
        return answer

    def give_back(self, connection: str, caller: Caller, usage: Usage | None, *, now: datetime) -> None:
        self.writes += 1
        InMemoryCallPacing.give_back(self, connection, caller, usage, now=now)


class InTurn:
    """Ours: the turns of the adapters. Follow-ups are not what a document is taken to take."""

    def __init__(
        self,
        name: str,
        limits: CallLimits,
        erp: Erp,
        pacing: CountedPacing,
        *,
        calls: int = CALLS_A_DOCUMENT,
        follows_up: bool = False,
    ) -> None:
        self._erp = erp
        self._pacing = pacing
        self._each = calls
        self._follows_up = follows_up
        self._turns = Turns(CONNECTION, limits, pacing=pacing, clock=erp.time, name=name)

    def begin(self) -> Posting:
        turn = yield from self._turn(self._turns.begin(credentials="v1"))
        if isinstance(turn, Turn):
            return None
        return (again_at(turn, self._turns.now()) - self._turns.now()).total_seconds()

    def post(self) -> Posting:
        outcome = yield from self._calls()
        self._turns.give_back(document=not self._follows_up)
        yield WRITE
        return outcome

    def _calls(self) -> Posting:
        for _ in range(self._each):
            turn = yield from self._turn(self._turns.take(credentials="v1"))
            if isinstance(turn, NotYet):
                return FIRST_BACK_OFF
            called_at = self._turns.now()
            retry_after = yield from self._erp.call()
            if retry_after is not None:
                seconds = int(retry_after + 1) if retry_after else None
                self._turns.was_refused(called_at, retry_after_seconds=seconds)
                return max(FIRST_BACK_OFF, retry_after)
            self._turns.answered()
        return None

    def _turn(self, taking: Generator[timedelta, None, Answer]) -> Generator[float, None, Answer]:
        """Take a turn; with each look at the line time passes."""
        while True:
            written = self._pacing.looks
            try:
                wait = next(taking).total_seconds()
            except StopIteration as taken:
                yield WRITE * (self._pacing.looks - written)
                answer: Answer = taken.value
                return answer
            yield max(wait, WRITE * (self._pacing.looks - written))


@dataclass(slots=True)
class Knowledge:
    """What all-knowing workers know at once: who calls, and who waits for whom to end."""

    limits: CallLimits
    under_way: int = 0
    next_slot: float = 0.0
    waiting: deque[Waits] = field(default_factory=deque)


class AllKnowing:
    """Calls whenever the ERP permits one more, first come first served; knowing costs nothing."""

    def __init__(self, erp: Erp, knowledge: Knowledge) -> None:
        self._erp = erp
        self._knows = knowledge

    def begin(self) -> Posting:
        rest = self._erp.rest_left()
        yield 0
        return rest or None

    def post(self) -> Posting:
        for _ in range(CALLS_A_DOCUMENT):
            yield from self._turn()
            refused = yield from self._erp.call()
            assert refused is None
            self._knows.under_way -= 1
            if self._knows.waiting:
                self._erp.time.start(self._knows.waiting.popleft())
        return None

    def _turn(self) -> Waits:
        knows, time = self._knows, self._erp.time
        while knows.under_way >= knows.limits.concurrency:
            assert time.running is not None
            knows.waiting.append(time.running)
            yield UNTIL_STARTED
        knows.under_way += 1
        yield self._erp.rest_left()
        at = max(knows.next_slot, time.seconds)
        knows.next_slot = at + 60 / knows.limits.calls_per_minute if knows.limits.calls_per_minute else at
        yield at - time.seconds
        yield self._erp.rest_left()


class Alone:
    """Knows nothing of others: holds itself to its part of the rate, and backs off when it is refused."""

    LONGEST_BACK_OFF, MOST_RETRIES = 32.0, 6

    def __init__(self, limits: CallLimits, erp: Erp, random: Random, *, workers: int) -> None:
        self._erp = erp
        self._random = random
        self._spacing = 60 * workers / limits.calls_per_minute if limits.calls_per_minute else 0.0
        self._next = 0.0

    def begin(self) -> Posting:
        yield 0
        return None

    def post(self) -> Posting:
        for _ in range(CALLS_A_DOCUMENT):
            for retry in range(self.MOST_RETRIES):
                at = max(self._next, self._erp.time.seconds)
                self._next = at + self._spacing
                yield at - self._erp.time.seconds
                retry_after = yield from self._erp.call()
                if retry_after is None:
                    break
                yield max(retry_after, self._random.uniform(0, min(self.LONGEST_BACK_OFF, 0.5 * 2**retry)))
            else:
                return FIRST_BACK_OFF
        return None
