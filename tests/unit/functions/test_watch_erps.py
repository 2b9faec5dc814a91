"""How the ERPs stand: what waits and for how long, who is stopped, and who must act."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from functions.watch_erps.use_case import ErpWatch
from shared.contracts.erp_standing import answer
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import LegalEntityId, PostingId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.announcement import problem_record
from shared.domain.posting.circuit import FAILURES_THAT_OPEN, CircuitState, Health
from shared.domain.posting.intent import IntentState
from shared.domain.posting.pacing import Caller, CallLimits, Usage
from shared.domain.posting.standing import ErpStanding
from shared.domain.resolution import Resolution
from tests.builders.billing import nimbus
from tests.builders.posting import FIRST_OF_NOVEMBER, TENANT, an_intent
from tests.fakes.in_memory_call_pacing import InMemoryCallPacing
from tests.fakes.in_memory_circuits import InMemoryCircuits
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter, InMemoryExceptionStore
from tests.fakes.in_memory_metrics import InMemoryMetrics
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents
from tests.fakes.posting_world import SimulatedClock

ENTITY = nimbus()
BOOKS = ENTITY.erp.connection
ANNA = Caller(name="anna", credentials="v1")
NOW = FIRST_OF_NOVEMBER + timedelta(hours=2)


@dataclass(slots=True)
class World:
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(NOW))
    intents: InMemoryPostingIntents = field(default_factory=InMemoryPostingIntents)
    pacing: InMemoryCallPacing = field(default_factory=InMemoryCallPacing)
    exceptions: InMemoryExceptionReporter = field(default_factory=InMemoryExceptionReporter)
    store: InMemoryExceptionStore = field(default_factory=lambda: InMemoryExceptionStore(TENANT))
    metrics: InMemoryMetrics = field(default_factory=InMemoryMetrics)
    circuits: InMemoryCircuits = field(init=False)
    entity: LegalEntity = ENTITY

    def __post_init__(self) -> None:
        self.circuits = InMemoryCircuits(self.clock)

    def version(self) -> str:
        return "v1"

    def legal_entities(self) -> tuple[Any, ...]:
        return (self.entity,)

    def watch(self) -> ErpWatch:
        return ErpWatch(
            tenant=TENANT,
            master_data=cast("Any", self),
            intents=self.intents,
            pacing=self.pacing,
            circuits=self.circuits,
            exceptions=self.exceptions,
            known=self.store,
            metrics=self.metrics,
            clock=self.clock,
        )

    def look(self) -> ErpStanding:
        (standing,) = self.watch().look()
        for record in self.exceptions.reported:
            self.store.open(record)
        for name, why in self.exceptions.resolved.items():
            self.store.resolve(Resolution(exception_id=name, tenant=TENANT, resolution=why, resolved_at=NOW))
        return standing

    def waits(self, name: str, state: IntentState, *, created_at: datetime = FIRST_OF_NOVEMBER) -> None:
        intent = replace(an_intent(), posting_id=PostingId(name), state=state, created_at=created_at)
        document = replace(intent.document, posting_id=PostingId(name))
        self.intents.add(replace(intent, document=document, legal_entity_id=LegalEntityId(ENTITY.legal_entity_id)))

    def open_subjects(self) -> list[str]:
        return [record.subject for record in self.store.open_records(ExceptionCode.ERP_AUTH_FAILED)]


def test_what_waits_is_counted_by_whether_it_was_sent_and_the_oldest_told() -> None:
    world = World()
    world.waits("inv-1", IntentState.INTENT, created_at=NOW - timedelta(hours=1))
    world.waits("inv-2", IntentState.INTENT, created_at=NOW)
    world.waits("inv-3", IntentState.UNKNOWN, created_at=NOW)
    world.waits("inv-4", IntentState.POSTED, created_at=NOW - timedelta(days=9))  # nobody was told yet

    standing = world.look()

    assert (standing.unsent, standing.unclear, standing.oldest) == (2, 1, NOW - timedelta(hours=1))
    assert world.metrics.totals == {
        "ErpsStopped": 0,
        "PostingsWaiting": 3,
        "OldestPostingAge": 3_600,
        "PostingsDrainTime": standing.drain.total_seconds(),
    }


def test_the_time_to_drain_follows_what_documents_have_taken_lately_and_counts_what_was_taken_and_not_posted() -> None:
    world = World()
    for number in range(30):
        world.waits(f"inv-{number}", IntentState.ACCEPTED if number % 2 else IntentState.INTENT)
    world.pacing.take(BOOKS, ANNA, CallLimits(concurrency=5), now=NOW, patience=timedelta(0))
    world.pacing.give_back(BOOKS, ANNA, Usage(calls=4, seconds=10), now=NOW)

    assert world.look().drain == timedelta(seconds=30 * 10 / 5)


def test_refused_credentials_are_one_exception_of_their_connection_that_closes_when_they_are_others() -> None:
    world = World()
    world.pacing.hold(BOOKS, ANNA, reason="no token: status 401. u2c erp resume", now=NOW)

    assert world.look().is_stopped
    world.look()
    assert world.open_subjects() == [BOOKS]
    assert world.exceptions.reported[0].message == "no token: status 401. u2c erp resume"

    others = Caller(name="bert", credentials="v2")
    world.pacing.take(BOOKS, others, CallLimits(concurrency=5), now=NOW, patience=timedelta(0))
    assert not world.look().is_stopped
    assert world.open_subjects() == []


def test_refused_credentials_of_a_connection_that_no_entity_has_any_more_are_nobodys_to_mend() -> None:
    world = World()
    world.pacing.hold(BOOKS, ANNA, reason="no token: status 401. u2c erp resume", now=NOW)
    world.look()

    world.entity = replace(ENTITY, erp=replace(ENTITY.erp, connection="nimbus-new"))
    world.look()

    assert world.open_subjects() == []


def test_refused_credentials_of_a_posting_are_left_to_the_posting() -> None:
    world = World()
    world.store.open(problem_record(an_intent(), ExceptionCode.ERP_AUTH_FAILED, NOW))

    world.look()

    assert world.open_subjects() == [an_intent().posting_id]


def test_a_person_ends_the_hold() -> None:
    world = World()
    world.pacing.hold(BOOKS, ANNA, reason="no token: status 401", now=NOW)
    world.look()

    assert world.watch().resume(BOOKS)
    assert not world.watch().resume(BOOKS)
    world.look()
    assert world.open_subjects() == []


def test_an_erp_is_told_to_rest_for_as_long_as_it_asked_however_much_is_called_afterwards() -> None:
    world = World()
    world.pacing.rest(BOOKS, called_at=NOW, retry_after=timedelta(seconds=90), now=NOW)

    assert world.look().rests_until == NOW + timedelta(seconds=90)

    world.clock.instant += timedelta(days=3)
    ten_a_minute = CallLimits(concurrency=5, calls_per_minute=10)
    for _ in range(3):
        world.pacing.take(BOOKS, ANNA, ten_a_minute, now=world.clock.now(), patience=timedelta(minutes=1))

    (told,) = answer([world.look()], resumed=False)["erps"]
    assert told["rests_until"] is None


def test_an_erp_that_is_down_is_told_as_stopped_with_when_it_is_tried_again() -> None:
    world = World()
    for _ in range(FAILURES_THAT_OPEN):
        world.circuits.call(BOOKS, lambda: Health.DOWN, health=lambda told: told)

    standing = world.look()

    assert standing.is_stopped
    assert standing.circuit.state is CircuitState.OPEN
    (told,) = answer([standing], resumed=False)["erps"]
    assert told["circuit"] == "open"
    assert told["tried_again_at"] == "2026-11-01T08:01:00.000000Z"
