"""Drains a backlog through workers at what each ERP permits, in simulated time."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import TypeAlias

from benchmarks.erp_traffic import (
    CALLS_A_DOCUMENT,
    CALLS_OF_A_FOLLOW_UP,
    CALLS_TO_BE_TAKEN,
    REST,
    REST_EVERY,
    Backlog,
    Erp,
    FollowUps,
    SimulatedTime,
)
from benchmarks.posting_workers import (
    CONNECTION,
    WRITE,
    AllKnowing,
    Alone,
    CountedPacing,
    InTurn,
    Knowledge,
    Worker,
    work,
)
from benchmarks.report import Answer, Figure
from shared.domain.posting.backlog import SWEEP, asked_ahead
from shared.domain.posting.pacing import CONCURRENCY_SETTING, CallLimits, call_limits
from shared.domain.posting.systems.registry import SYSTEMS

WORKERS, DOCUMENTS, DOCUMENTS_OF_OTHERS = 10, 50_000, 5_000
SLOW_CALL, FAST_CALL = 0.8, 0.15  # seconds, in the mean: slow ones meet the calls at a time, fast ones the rate
# What accounts have that are larger than the smallest, by the setting `concurrency`.
ACCOUNTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"netsuite": {"service tier 1": "15", "service tier 1 with 5 licences of SuiteCloud Plus": "65"}}
)
OURS = "our default"  # where the maker of an ERP names no figure

Staff: TypeAlias = Callable[[int, Erp], Worker]


@dataclass(frozen=True, slots=True)
class Drained:
    """What came of a backlog: the seconds it took, and those that the limit allows."""

    took: float
    allowed: float
    refused: float

    @property
    def held(self) -> float:
        return self.allowed / self.took


def answer() -> Answer:
    return Answer(
        question="Is the rate that an ERP permits held?",
        module="benchmarks.pacing",
        setting=(
            f"{WORKERS} workers, or twice as many as the calls that are permitted at a time, {DOCUMENTS:,} documents"
            f" that are due at once after an outage, {CALLS_A_DOCUMENT} calls"
            f" each. Time is simulated; the turns are those of the adapters over a line in memory, {WRITE * 1e3:g} ms a"
            f" write; the relay asks for as much at a time as it does. A call takes {SLOW_CALL} s in the mean"
            f" (log-normal), or {FAST_CALL} s so that the rate is the limit. Once an hour the ERP refuses everything"
            f" for {REST:g} s and says so; that time is permitted to nobody. The limit itself is the calls at a time"
            " over the mean call, or the rate. The floor are workers that know of each other without asking. The peer"
            " are workers that share nothing: each holds itself to its part of the rate, and backs off exponentially,"
            f" with full jitter ({DOCUMENTS_OF_OTHERS:,} documents for both). A document that an ERP takes first, and"
            " posts by itself, is done once it was asked after: that is"
            f" {CALLS_TO_BE_TAKEN} calls by those who send, and {CALLS_OF_A_FOLLOW_UP} by as many workers beside them."
        ),
        figures=tuple(figures()),
    )


def figures() -> Iterator[Figure]:
    for (limits, call_seconds), names in contests().items():
        line = CountedPacing()
        ours = drain(limits, call_seconds, DOCUMENTS, in_turn(limits, line), line)
        floor = drain(limits, call_seconds, DOCUMENTS_OF_OTHERS, all_knowing(limits))
        peer = drain(limits, call_seconds, DOCUMENTS_OF_OTHERS, alone(limits))
        yield from promised(f"**{', '.join(names)}**, {told(limits, call_seconds)}", ours)
        calls = DOCUMENTS * CALLS_A_DOCUMENT
        yield Figure(what="writes to DynamoDB for a call", measured=line.writes / calls)
        yield Figure(what="reads of DynamoDB for a call", measured=line.reads / calls)
        yield Figure(what="floor: permitted rate held", measured=floor.held * 100, unit="%")
        yield Figure(what="peer: permitted rate held", measured=peer.held * 100, unit="%")
        yield Figure(what="peer: calls refused as too many", measured=peer.refused * 100, unit="%")
    later = SYSTEMS["dynamics_finance"]
    ours = drain_into_the_ledger(call_limits(later.capabilities, {}), SLOW_CALL, DOCUMENTS, CountedPacing())
    yield from promised(f"**{later.title} ({OURS}), until its ledger has all**", ours)


def promised(what: str, ours: Drained) -> Iterator[Figure]:
    """Yield the figures that have a target."""
    yield Figure(
        what=f"{what}: permitted rate held",
        measured=ours.held * 100,
        unit="%",
        target=97,
        at_least=True,
    )
    yield Figure(what="calls refused as too many", measured=ours.refused * 100, unit="%", target=0.1)
    yield Figure(what="time to drain / time that the limit allows", measured=1 / ours.held, unit="x", target=1.05)


def contests() -> Mapping[tuple[CallLimits, float], list[str]]:
    """Return the accounts by their limits, and calls that take as long as it needs for each limit to be met."""
    found: dict[tuple[CallLimits, float], list[str]] = defaultdict(list)
    for system in SYSTEMS.values():
        if system.told_by_files:
            continue
        usual = system.title if system.capabilities.concurrency else f"{system.title} ({OURS})"
        larger = {f"{system.title} ({what})": calls for what, calls in ACCOUNTS.get(system.name, {}).items()}
        for name, calls in {usual: None, **larger}.items():
            settings = {} if calls is None else {CONCURRENCY_SETTING: calls}
            limits = call_limits(system.capabilities, settings)
            found[limits, SLOW_CALL if limits.calls_per_minute is None else FAST_CALL].append(name)
    return found


def workers_of(limits: CallLimits) -> int:
    """Return how many it takes: one that settles what is done, or takes up what is next, calls nobody."""
    return max(WORKERS, 2 * limits.concurrency)


def told(limits: CallLimits, call_seconds: float) -> str:
    rate = f" and {limits.calls_per_minute:,} a minute" if limits.calls_per_minute else ""
    return f"{limits.concurrency} calls at a time{rate}, {call_seconds:g} s a call"


def in_turn(limits: CallLimits, line: CountedPacing) -> Staff:
    return lambda number, erp: InTurn(f"worker-{number}", limits, erp, line)


def all_knowing(limits: CallLimits) -> Staff:
    knowledge = Knowledge(limits)
    return lambda _, erp: AllKnowing(erp, knowledge)


def alone(limits: CallLimits) -> Staff:
    chance = Random(7)
    return lambda _, erp: Alone(limits, erp, chance, workers=workers_of(limits))


def drain(
    limits: CallLimits, call_seconds: float, documents: int, staff: Staff, line: CountedPacing | None = None
) -> Drained:
    """Have workers post a backlog. `line` tells the relay what a document takes; without it all is asked for."""
    time = SimulatedTime()
    erp, backlog = Erp(time, limits, call_seconds, Random(20_260_401)), Backlog(time, documents)

    def room() -> int:
        return asked_ahead(limits, line.line(CONNECTION).usage) if line else documents

    time.start(backlog.relay(every=SWEEP.total_seconds(), room=room))
    for number in range(workers_of(limits)):
        time.start(work(staff(number, erp), backlog))
    time.run()
    allowed = with_rests(documents * CALLS_A_DOCUMENT / permitted(limits, call_seconds))
    return Drained(backlog.ended_at, allowed, erp.refused / erp.calls)


def drain_into_the_ledger(limits: CallLimits, call_seconds: float, documents: int, line: CountedPacing) -> Drained:
    """Have workers post a backlog to an ERP that takes documents first, and others ask what became of each."""
    time = SimulatedTime()
    erp = Erp(time, limits, call_seconds, Random(20_260_401))
    follow_ups = FollowUps(time, documents)
    backlog = Backlog(time, documents, follow_ups=follow_ups)

    def room() -> int:
        return asked_ahead(limits, line.line(CONNECTION).usage)

    for waiting in (backlog, follow_ups):
        time.start(waiting.relay(every=SWEEP.total_seconds(), room=room))
    for number in range(workers_of(limits)):
        sender = InTurn(f"sender-{number}", limits, erp, line, calls=CALLS_TO_BE_TAKEN)
        asker = InTurn(f"asker-{number}", limits, erp, line, calls=CALLS_OF_A_FOLLOW_UP, follows_up=True)
        time.start(work(sender, backlog))
        time.start(work(asker, follow_ups))
    time.run()
    calls = documents * (CALLS_TO_BE_TAKEN + CALLS_OF_A_FOLLOW_UP)
    return Drained(follow_ups.ended_at, with_rests(calls / permitted(limits, call_seconds)), erp.refused / erp.calls)


def permitted(limits: CallLimits, call_seconds: float) -> float:
    """Return how many calls a second the limits let somebody make whose calls take so long."""
    return min(limits.concurrency / call_seconds, (limits.calls_per_minute or 10**9) / 60)


def with_rests(seconds: float) -> float:
    """Return how long it takes to have so many seconds beside the ERP's rests."""
    whole, rest = divmod(seconds, REST_EVERY - REST)
    return whole * REST_EVERY + rest


if __name__ == "__main__":
    print(answer().markdown())
