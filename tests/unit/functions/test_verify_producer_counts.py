"""What a source says to have sent is held against the archive once it is settled, and until it holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.verify_producer_counts.use_case import ProducerCountVerifier, Verification
from shared.contracts.usage_event.registry import read_record
from shared.domain.archive.delivery import judge_with
from shared.domain.exception_record import ExceptionCode, ExceptionRecord
from shared.domain.identifiers import CatalogVersion, ExceptionId, TenantId
from shared.domain.metering.watermark import Barrier
from shared.domain.producers.producer import Completeness, Producer
from shared.domain.resolution import Resolution
from shared.domain.time_period import format_instant
from shared.domain.usage.admission import AcceptanceHorizon
from tests.builders.catalog import catalog
from tests.fakes.in_memory_exceptions import InMemoryExceptionStore
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.in_memory_metering_ledger import InMemoryClosingProgress
from tests.fakes.in_memory_usage_archive import InMemoryUsageArchive
from tests.fakes.in_memory_verified_claims import InMemoryVerifiedClaims
from tests.fakes.plain_sent_usage import PlainSentUsage
from tests.fakes.usage import a_record, heartbeat, usage_v2

TENANT = TenantId("nimbus")
MIDNIGHT = datetime(2026, 3, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
HORIZON = AcceptanceHorizon.of(days=35, future_seconds=300)
GATEWAY = Producer(
    source="urn:acme:gateway",
    quiet_after=30 * MINUTE,
    completeness=Completeness.HEARTBEAT,
    owner="gateway team",
)


class DeliveringReporter:
    """Hands everything on to a store at once, as the queue does in time (port ExceptionReporter)."""

    def __init__(self, store: InMemoryExceptionStore) -> None:
        self._store = store

    def report(self, records: Sequence[ExceptionRecord]) -> None:
        for record in records:
            self._store.open(record)

    def resolve(self, exception_id: ExceptionId, resolution: str, resolved_at: datetime) -> None:
        self._store.resolve(
            Resolution(exception_id=exception_id, tenant=TENANT, resolution=resolution, resolved_at=resolved_at)
        )


@dataclass
class World:
    """A source that sends on the 15th, and the verifier with everything around it in memory."""

    archive: InMemoryUsageArchive = field(default_factory=InMemoryUsageArchive)
    closing: InMemoryClosingProgress = field(default_factory=InMemoryClosingProgress)
    verified: InMemoryVerifiedClaims = field(default_factory=InMemoryVerifiedClaims)
    master_data: InMemoryMasterData = field(default_factory=InMemoryMasterData)
    store: InMemoryExceptionStore = field(default_factory=lambda: InMemoryExceptionStore(TENANT))
    sequence: int = 0

    def publish(self, *producers: Producer) -> None:
        self.sequence += 1
        version = CatalogVersion(f"2026-03-01T00:00:00.000000Z-{self.sequence:012d}")
        self.master_data.write(version, replace(catalog(), producers=producers))
        self.master_data.publish(version)

    def send(self, *ids: str, minute: float, arrives: float | None = None, **more: Any) -> None:
        """Have events of a minute of the 15th arrive then, or at another minute."""
        for event_id in ids:
            event = usage_v2(id=event_id, time=at(minute), **more)
            self.arrive(event, minute if arrives is None else arrives)

    def claim(self, events: int, *, arrives: float, minutes: tuple[float, float] = (0, 15), **more: Any) -> None:
        self.arrive(heartbeat(at(minutes[0]), at(minutes[1]), events, **more), arrives)

    def arrive(self, event: dict[str, Any], minute: float) -> None:
        self.sequence += 1
        self.archive.write([a_record(event, sequence=self.sequence, arrived_at=MIDNIGHT + minute * MINUTE)])

    def verify(self, day: int = 16, *, complete_until: datetime | None = None) -> Verification:
        """Run at four in the morning of a day of March. Nothing is behind unless it is said to be."""
        now = datetime(2026, 3, day, 4, tzinfo=UTC)
        self.closing.remember(Barrier(complete_until=complete_until or now))
        return self.verifier().verify(now)

    def verifier(self) -> ProducerCountVerifier:
        return ProducerCountVerifier(
            tenant=TENANT,
            horizon=HORIZON,
            master_data=self.master_data,
            closing=self.closing,
            verified=self.verified,
            sent=PlainSentUsage(self.archive, judge_with(read_record, HORIZON)),
            exceptions=self.store,
            reporter=DeliveringReporter(self.store),
        )

    def open(self, code: ExceptionCode = ExceptionCode.COUNT_MISSING) -> list[str]:
        return [record.subject for record in self.store.open_records(code)]


def at(minute: float) -> str:
    return format_instant(MIDNIGHT + minute * MINUTE)


@pytest.fixture
def world() -> World:
    made = World()
    made.publish(GATEWAY)
    return made


THE_15TH = ["urn:acme:gateway 2026-03-15"]


def test_what_is_all_here_is_told_to_nobody(world: World) -> None:
    world.send("call-1", "call-2", "call-2", minute=5)
    world.claim(2, arrives=16)

    assert world.verify() == Verification(days=1)
    assert world.open() == world.open(ExceptionCode.WRONG_HEARTBEAT) == []


def test_what_is_missing_is_told_once_for_a_source_and_day_with_its_periods(world: World) -> None:
    world.send("call-1", minute=5)
    world.claim(3, arrives=16)
    world.claim(1, arrives=31, minutes=(15, 30))

    assert world.verify() == Verification(days=1, exceptions=1)

    (told,) = world.store.open_records(ExceptionCode.COUNT_MISSING)
    assert told.subject == "urn:acme:gateway 2026-03-15"
    assert told.message == "3 events of 2 periods are not here"
    assert told.detail == {
        "owner": "gateway team",
        "here": "2026-03-15T00:00:00.000000Z..2026-03-15T00:15:00.000000Z: 1 of 3, "
        "2026-03-15T00:15:00.000000Z..2026-03-15T00:30:00.000000Z: 0 of 1",
    }


def test_it_closes_when_the_missing_events_arrive_late(world: World) -> None:
    world.claim(1, arrives=16)
    world.verify(16)
    assert world.open() == THE_15TH

    world.send("call-1", minute=5, arrives=1440 * 3 + 300)

    assert world.verify(18) == Verification(days=1, exceptions=1)
    assert world.verify(19) == Verification(days=1, resolved=1)
    assert world.open() == []


def test_whoever_closes_it_is_left_in_peace_until_the_source_claims_anew(world: World) -> None:
    world.claim(1, arrives=16)
    world.verify(16)
    (told,) = world.store.open_records(ExceptionCode.COUNT_MISSING)
    closed_at = datetime(2026, 3, 16, 9, tzinfo=UTC)
    world.store.resolve(
        Resolution(exception_id=told.exception_id, tenant=TENANT, resolution="a test", resolved_at=closed_at)
    )

    world.verify(17)
    assert world.open() == []

    world.claim(2, arrives=1440 * 2 + 60)
    world.verify(18)
    assert world.open() == THE_15TH


def test_a_claim_is_not_looked_at_before_its_day_of_arrival_is_over(world: World) -> None:
    world.claim(1, arrives=1441)

    assert world.verify(16) == Verification()
    assert world.verify(17) == Verification(days=1, exceptions=1)


def test_a_claim_is_not_looked_at_before_all_stages_have_passed_it(world: World) -> None:
    """An event may lie on another shard that the archive has yet to write."""
    world.claim(1, arrives=600)

    assert world.verify(16, complete_until=MIDNIGHT + 599 * MINUTE) == Verification()
    assert world.verify(17, complete_until=MIDNIGHT + 601 * MINUTE) == Verification(days=1, exceptions=1)


def test_before_anything_was_ever_complete_nothing_is_verified(world: World) -> None:
    world.claim(1, arrives=16)

    assert world.verifier().verify(datetime(2026, 3, 16, 4, tzinfo=UTC)) == Verification()
    assert world.verified.until() is None


def test_days_on_which_nobody_looked_are_made_up_for(world: World) -> None:
    world.verify(15)
    world.claim(1, arrives=16)

    assert world.verify(20) == Verification(days=1, exceptions=1)


def test_the_first_time_everything_is_looked_at_that_could_still_be_sent_again(world: World) -> None:
    world.claim(1, arrives=16)
    world.claim(1, arrives=-40 * 1440 + 16, minutes=(-40 * 1440, -40 * 1440 + 15))

    assert world.verify(30) == Verification(days=1, exceptions=1)
    assert world.open() == THE_15TH


def test_a_late_heartbeat_is_held_against_its_own_time(world: World) -> None:
    world.send("call-1", minute=5)
    world.claim(2, arrives=1440 * 5 + 60)

    assert world.verify(21) == Verification(days=1, exceptions=1)
    assert world.open() == THE_15TH


def test_a_repeated_heartbeat_changes_nothing(world: World) -> None:
    world.send("call-1", minute=5)
    for arrives in (16, 17, 1500):
        world.claim(1, arrives=arrives)

    assert world.verify(16) == world.verify(17) == Verification(days=1)


def test_two_senders_of_a_source_are_added_up(world: World) -> None:
    world.send("call-1", "call-2", minute=5)
    world.claim(2, arrives=16, sender="pod-1")
    world.claim(1, arrives=16, sender="pod-2")

    world.verify()
    assert world.open() == THE_15TH


def test_more_than_was_claimed_is_a_wrong_heartbeat_which_a_later_one_mends(world: World) -> None:
    world.send("call-1", "call-2", minute=5)
    world.claim(1, arrives=16)
    world.verify(16)
    assert world.open(ExceptionCode.WRONG_HEARTBEAT) == THE_15TH

    world.claim(2, arrives=1450)
    assert world.verify(17) == Verification(days=1, resolved=1)
    assert world.open(ExceptionCode.WRONG_HEARTBEAT) == []


def test_overlapping_heartbeats_around_midnight_are_not_called_wrong(world: World) -> None:
    world.send("call-1", minute=5)
    world.send("call-2", minute=2)
    world.claim(1, arrives=16, sender="pod-1")
    world.claim(1, arrives=16, sender="pod-2", minutes=(-10, 4))

    assert world.verify() == Verification(days=2)


def test_a_refused_event_has_arrived(world: World) -> None:
    world.send("call-1", minute=5, data={})
    world.claim(1, arrives=16)

    assert world.verify() == Verification(days=1)


def test_a_heartbeat_from_a_clock_that_is_hours_ahead_claims_nothing(world: World) -> None:
    world.claim(7, arrives=16, minutes=(300, 315))

    assert world.verify() == Verification()


@pytest.mark.parametrize("listed", [(), (replace(GATEWAY, completeness=Completeness.NONE),)])
def test_sources_that_promised_nothing_are_not_held_to_it(world: World, listed: tuple[Producer, ...]) -> None:
    world.publish(*listed)
    world.claim(7, arrives=16)

    assert world.verify() == Verification()


def test_a_source_that_leaves_the_catalogue_is_not_held_to_its_promise_any_more(world: World) -> None:
    world.claim(1, arrives=16)
    world.verify(16)
    world.publish()

    assert world.verify(17) == Verification(resolved=1)
    assert world.open() == []


def test_what_is_older_than_repeats_can_be_told_apart_is_left_to_people(world: World) -> None:
    world.claim(1, arrives=16)
    world.verify(16)
    world.send("call-1", minute=5, arrives=17)
    now = MIDNIGHT + 36 * DAY
    world.closing.remember(Barrier(complete_until=now))

    assert world.verifier().verify(now) == Verification()
    assert world.open() == THE_15TH


def test_done_again_it_finds_the_same(world: World) -> None:
    world.claim(1, arrives=16)
    first = world.verify()
    until = world.verified.until()

    assert world.verify() == first
    assert world.verified.until() == until
