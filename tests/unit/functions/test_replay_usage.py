"""Replay: what is admitted now and was not before goes on its way, once; everything found is counted."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions.replay_usage.use_case import StillArrivingError, UsageReplayer
from shared.adapters.usage_standing import LedgerStanding
from shared.contracts.usage_event.registry import ContractReader
from shared.domain.archive.delivery import judge_with
from shared.domain.exception_record import ExceptionCode, ExceptionStatus
from shared.domain.identifiers import CustomerId, TenantId
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.slot import Log, UsageSlot
from shared.domain.replay.progress import ReplayProgress
from shared.domain.replay.request import ReplayFilter, ReplayRequest
from shared.domain.time_period import Period
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.admission import AcceptanceHorizon
from shared.domain.usage.contract_definition import ContractDefinition
from shared.domain.usage.parked import ParkedEvent
from shared.domain.usage.rejection import REFUSALS, Rejected, quarantine
from tests.builders.catalog import FIRST_VERSION, catalog
from tests.fakes.in_memory_archive_pages import InMemoryArchivePages
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter, InMemoryExceptionStore
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.in_memory_metering_ledger import InMemoryMeteringLedger
from tests.fakes.in_memory_parked_usage import InMemoryParkedUsage
from tests.fakes.in_memory_replays import InMemoryReplays
from tests.fakes.in_memory_usage_corrections import InMemoryUsageCorrections
from tests.fakes.in_memory_usage_streams import InMemoryUsageStreams
from tests.fakes.steady_clock import SteadyClock
from tests.fakes.usage import a_record, usage_v2
from tests.fakes.usage_contract_folder import read_contract, write_contract

TENANT = TenantId("acme-saas")
LAYOUT = BucketLayout.parse(
    '[{"version":1,"valid_from":"1970-01-01T00:00:00.000000Z","groups":2,"slice_minutes":1440}]'
)
HORIZON = AcceptanceHorizon.of(days=35, future_seconds=300)
ARRIVED_AT = datetime(2026, 3, 15, 10, 8, tzinfo=UTC)
NOW = datetime(2026, 3, 20, tzinfo=UTC)
EVERYTHING = ReplayRequest(replay_id="r1", arrived=Period(ARRIVED_AT - timedelta(days=1), NOW), narrowed=ReplayFilter())


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> ContractDefinition:
    return read_contract(write_contract(Path(tmp_path_factory.mktemp("catalog"))))


class Replay:
    """The use case with everything in memory. Ingest knew the built-in contracts; `storage` was published since."""

    def __init__(self, storage: ContractDefinition, *, most_pages: int = 100) -> None:

        self.streams = InMemoryUsageStreams()
        self.store = InMemoryExceptionStore(TENANT)
        self.reporter = InMemoryExceptionReporter()
        self.ledger = InMemoryMeteringLedger()
        self.parked = InMemoryParkedUsage()
        self.corrections = InMemoryUsageCorrections()
        self.told: list[ReplayProgress] = []
        self.clock = SteadyClock(NOW)
        master_data = InMemoryMasterData()
        master_data.write(FIRST_VERSION, catalog())
        master_data.publish(FIRST_VERSION)
        self._archive = InMemoryArchivePages(most=1)
        self._replayer = UsageReplayer(
            tenant=TENANT,
            judge=judge_with(ContractReader([storage]), HORIZON),
            home=LAYOUT.home,
            corrections=self.corrections,
            archive=self._archive,
            standing=LedgerStanding(self.ledger, LAYOUT, master_data, self.parked),
            master_data=master_data,
            accepted_usage=self.streams,
            exceptions=self.store,
            reporter=self.reporter,
            replays=InMemoryReplays(),
            clock=self.clock,
            tell=self.told.append,
            most_pages=most_pages,
        )

    def arrived(self, *events: object) -> None:
        """Archive each event as a record of its own, and quarantine what the built-in contracts refuse."""
        for event in events:
            record = a_record(event, sequence=len(self._archive.records) + 1, arrived_at=ARRIVED_AT)
            self._archive.records.append(record)
            for judged in judge_with(ContractReader(), HORIZON)([record]):
                if isinstance(judged.verdict, Rejected):
                    self.store.open(quarantine(TENANT, judged.delivery, judged.arrived_at, judged.verdict))

    def replay(self, request: ReplayRequest = EVERYTHING) -> ReplayProgress:
        return self._replayer.replay(request)

    def count(self, usage: Iterable[AcceptedUsage]) -> None:
        """Have the ledger count it, as the stages behind the stream do."""
        for one in usage:
            log = Log(LAYOUT.home(one.event.subject, one.event.occurred_at))
            slot = UsageSlot(bytes.fromhex(one.fingerprint), b"", str(one.delivery), one.received_at)
            self.ledger.put(log, len(self.ledger.tail(log, after=0)) + 1, slot)

    def open_exceptions(self) -> set[tuple[str, str]]:
        return {
            (record.code.value, record.subject.rpartition("shardId-000000000000:")[2])
            for code in REFUSALS
            for record in self.store.records(code)
            if record.status is ExceptionStatus.OPEN
        }


@pytest.fixture
def replay(storage: ContractDefinition) -> Replay:
    return Replay(storage)


def stored(event_id: str = "object-1", *, subject: str = "acme", day: int = 15, **data: object) -> dict[str, object]:
    """Return an event of the contract that was published late."""
    return usage_v2(
        id=event_id,
        subject=subject,
        time=f"2026-03-{day:02d}T10:07:31.25Z",
        dataschema="urn:usage-contract:storage:2",
        data={"bytes": 12} | data,
    )


def api_call(event_id: str = "call-1", **data: object) -> dict[str, object]:
    data = {"meter": "api_calls", "quantity": 25} | data
    return usage_v2(id=event_id, time="2026-03-15T10:07:31.25Z", data=data)


def test_what_was_refused_for_its_contract_is_published_when_the_contract_is(replay: Replay) -> None:
    replay.arrived(stored())

    progress = replay.replay()

    (published,) = replay.streams.accepted
    assert (published.event.contract, published.event.event_id) == ("storage:2", "object-1")
    assert str(published.delivery) == "shardId-000000000000:1:0"
    assert published.received_at == ARRIVED_AT
    assert published.group == LAYOUT.home("acme", published.event.occurred_at).group
    assert (progress.finished, progress.counts.found, progress.counts.published) == (True, 1, 1)
    assert replay.open_exceptions() == set()


def test_what_amends_in_a_contract_that_came_late_voids_its_original_too(replay: Replay) -> None:
    """Published alone it would count beside the original."""
    data = {"id": "object-1", "reason": "wrong size", "usage": {"bytes": 5}}
    amending = stored("object-1b") | {"type": "usage.amended", "data": data}
    void = usage_v2(id="v", type="usage.voided", time="2026-03-15T10:07:31Z", data={"id": "call-1", "reason": "test"})
    replay.arrived(amending, void)

    replay.replay()
    replay.replay(replace(EVERYTHING, replay_id="dry", dry_run=True))

    assert [published.event.event_id for published in replay.streams.accepted] == ["object-1b"]
    standing = list(replay.corrections.standing(LAYOUT.home("acme", ARRIVED_AT.replace(day=15))))
    assert [(one.original.event_id, one.filed[0].amends) for one in standing] == [("call-1", False), ("object-1", True)]
    assert [one.filings for one in replay.corrections.corrected()] == [2]


def test_what_the_ledger_has_is_unchanged(replay: Replay) -> None:
    replay.arrived(stored(), api_call())
    replay.replay()
    replay.count(replay.streams.accepted)
    published = list(replay.streams.accepted)

    again = replay.replay(replace(EVERYTHING, replay_id="r2"))

    assert replay.streams.accepted == published
    assert (again.counts.published, again.counts.unchanged) == (0, 2)


def test_what_waits_for_master_data_is_unchanged(replay: Replay) -> None:
    replay.arrived(api_call())
    replay.replay()
    (usage,) = replay.streams.accepted
    waiting = ParkedEvent(usage=usage, code=ExceptionCode.UNKNOWN_CUSTOMER, reason="nobody", attempt="1")
    replay.parked.park([waiting], NOW)

    again = replay.replay(replace(EVERYTHING, replay_id="r2"))

    assert again.counts.unchanged == 1
    assert len(replay.streams.accepted) == 1


def test_what_is_still_refused_is_counted_by_code(replay: Replay) -> None:
    replay.arrived(b"{", b"{", stored(bytes=-1))

    progress = replay.replay()

    assert progress.counts.failed == {ExceptionCode.MALFORMED_JSON: 2, ExceptionCode.CONTRACT_VIOLATION: 1}
    assert progress.counts.found == 3
    assert replay.streams.accepted == []


def test_what_is_refused_for_another_reason_now_is_told_anew(replay: Replay) -> None:
    replay.arrived(stored(bytes=-1))
    assert replay.open_exceptions() == {("UNKNOWN_CONTRACT_VERSION", "1:0")}

    replay.replay()

    assert [(record.code.value, record.subject) for record in replay.reporter.reported] == [
        ("CONTRACT_VIOLATION", "shardId-000000000000:1:0")
    ]
    assert replay.open_exceptions() == set()


def test_what_was_told_already_is_not_told_again(replay: Replay) -> None:
    replay.arrived(b"{")

    replay.replay()

    assert replay.reporter.reported == []
    assert replay.open_exceptions() == {("MALFORMED_JSON", "1:0")}


def test_what_contradicts_the_ledger_goes_there_to_be_told_of(replay: Replay) -> None:
    replay.arrived(api_call(quantity=25))
    replay.replay()
    replay.count(replay.streams.accepted)
    replay.arrived(api_call(quantity=26))

    again = replay.replay(replace(EVERYTHING, replay_id="r2"))

    assert again.counts.failed == {ExceptionCode.USAGE_CONFLICT: 1}
    assert replay.streams.accepted[-1].event.quantity == 26


def test_what_the_ledger_has_forgotten_is_not_published(replay: Replay) -> None:
    replay.arrived(stored())
    replay.clock.instant = NOW + timedelta(days=130)

    progress = replay.replay()

    assert progress.counts.failed == {ExceptionCode.EVENT_TOO_OLD: 1}
    assert replay.streams.accepted == []
    assert replay.open_exceptions() == {("UNKNOWN_CONTRACT_VERSION", "1:0")}


def test_a_dry_run_counts_and_does_nothing(replay: Replay) -> None:
    replay.arrived(stored(), b"{")

    progress = replay.replay(replace(EVERYTHING, dry_run=True))

    assert (progress.counts.published, sum(progress.counts.failed.values())) == (1, 1)
    assert replay.streams.accepted == []
    assert len(replay.open_exceptions()) == 2


def test_a_replay_that_is_left_goes_on_where_it_was(storage: ContractDefinition) -> None:
    replay = Replay(storage, most_pages=2)
    replay.arrived(stored("object-1"), stored("object-2"), stored("object-3"))

    first, second, third = replay.replay(), replay.replay(), replay.replay()

    assert (first.finished, first.counts.published) == (False, 2)
    assert (second.finished, second.counts.published) == (True, 3)
    assert third == second
    assert [usage.event.event_id for usage in replay.streams.accepted] == ["object-1", "object-2", "object-3"]
    assert [progress.counts.found for progress in replay.told] == [1, 2, 3]


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        (ReplayFilter(occurred=Period(datetime(2026, 3, 14, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC))), ["two"]),
        (ReplayFilter(customer=CustomerId("chandra")), ["three"]),
        (ReplayFilter(contract="storage:2"), ["one", "two", "three"]),
        (ReplayFilter(reason=ExceptionCode.UNKNOWN_CONTRACT_VERSION), ["one", "two", "three"]),
        (ReplayFilter(reason=ExceptionCode.MALFORMED_JSON), []),
        (ReplayFilter(contract="usage:2"), ["four"]),
    ],
)
def test_a_filter_narrows_what_is_replayed(replay: Replay, narrowed: ReplayFilter, found: list[str]) -> None:
    replay.arrived(stored("one"), stored("two", day=14), stored("three", subject="chandra"), api_call("four"))

    progress = replay.replay(replace(EVERYTHING, narrowed=narrowed))

    assert [usage.event.event_id for usage in replay.streams.accepted] == found
    assert progress.counts.found == len(found)


def test_a_filter_on_content_leaves_out_what_cannot_be_read(replay: Replay) -> None:
    replay.arrived(b"{")

    progress = replay.replay(replace(EVERYTHING, narrowed=ReplayFilter(customer=CustomerId("acme"))))

    assert progress.counts.found == 0


def test_a_period_that_has_not_ended_is_refused(replay: Replay) -> None:
    with pytest.raises(StillArrivingError):
        replay.replay(replace(EVERYTHING, arrived=Period(ARRIVED_AT, NOW + timedelta(seconds=1))))
