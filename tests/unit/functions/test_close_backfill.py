"""Closing a backfill: archived, judged whatever its age, published once, and nothing of it before or instead."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.close_backfill.use_case import BackfillCloser
from shared.adapters.usage_standing import LedgerStanding
from shared.contracts.usage_event.registry import ContractReader
from shared.domain.archive.delivery import judge_with
from shared.domain.backfill.backfill import Backfill, BackfillState, Decision, Part
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.slot import Log, UsageSlot
from shared.domain.time_period import Period
from shared.domain.usage.admission import AcceptanceHorizon
from shared.ports.backfills import BackfillError
from tests.builders.catalog import FIRST_VERSION, catalog
from tests.fakes.in_memory_backfills import InMemoryBackfillParts, InMemoryBackfills
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.in_memory_metering_ledger import InMemoryMeteringLedger
from tests.fakes.in_memory_parked_usage import InMemoryParkedUsage
from tests.fakes.in_memory_usage_archive import InMemoryUsageArchive
from tests.fakes.in_memory_usage_corrections import InMemoryUsageCorrections
from tests.fakes.in_memory_usage_streams import InMemoryUsageStreams
from tests.fakes.steady_clock import SteadyClock
from tests.fakes.usage import as_bytes, usage_v2

LAYOUT = BucketLayout.parse(
    '[{"version":1,"valid_from":"1970-01-01T00:00:00.000000Z","groups":2,"slice_minutes":1440}]'
)
OPENED = Decision(by="clara", at=datetime(2026, 3, 20, tzinfo=UTC))
NOW = datetime(2026, 3, 21, 9, tzinfo=UTC)
TWO_MONTHS_AGO = "2026-01-15T10:07:31.25Z"
LONG_AGO = "2025-06-15T10:07:31.25Z"


class Closing:
    """The use case with everything in memory, and backfills that are opened by loading."""

    def __init__(self, *, most_parts: int = 10) -> None:
        self.backfills = InMemoryBackfills()
        self.parts = InMemoryBackfillParts()
        self.archive = InMemoryUsageArchive()
        self.ledger = InMemoryMeteringLedger()
        self.streams = InMemoryUsageStreams()
        self.corrections = InMemoryUsageCorrections()
        self.reporter = InMemoryExceptionReporter()
        self.clock = SteadyClock(NOW)
        self.told: list[Backfill] = []
        master_data = InMemoryMasterData()
        master_data.write(FIRST_VERSION, catalog())
        master_data.publish(FIRST_VERSION)
        self._closer = BackfillCloser(
            tenant=TenantId("acme-saas"),
            judge=judge_with(ContractReader(), AcceptanceHorizon.of(days=35, future_seconds=300)),
            home=LAYOUT.home,
            corrections=self.corrections,
            backfills=self.backfills,
            parts=self.parts,
            archive=self.archive,
            standing=LedgerStanding(self.ledger, LAYOUT, master_data, InMemoryParkedUsage()),
            accepted_usage=self.streams,
            reporter=self.reporter,
            clock=self.clock,
            tell=self.told.append,
            most_parts=most_parts,
        )

    def load(self, *events: object, into: str = "b1") -> None:
        data = as_bytes(list(events))
        part = Part.of(data, len(events))
        self.backfills.open(into, OPENED, "the gateway was not sending")
        self.parts.store(into, part, data)
        self.backfills.add_part(into, part)

    def close(self, backfill_id: str = "b1") -> Backfill:
        return self._closer.close(backfill_id, "clara")

    def published(self) -> list[str]:
        return [usage.event.event_id for usage in self.streams.accepted]

    def count_all(self) -> None:
        """Have the ledger count what was published."""
        for one in self.streams.accepted:
            log = Log(LAYOUT.home(one.event.subject, one.event.occurred_at))
            slot = UsageSlot(bytes.fromhex(one.fingerprint), b"", str(one.delivery), one.received_at)
            self.ledger.put(log, len(self.ledger.tail(log, after=0)) + 1, slot)


@pytest.fixture
def closing() -> Closing:
    return Closing()


def call(event_id: str = "call-1", *, time: str = TWO_MONTHS_AGO, **changes: object) -> dict[str, object]:
    return usage_v2(id=event_id, time=time, **changes)


def test_usage_older_than_the_horizon_is_published_as_it_arrived_at_the_close(closing: Closing) -> None:
    closing.load(call())

    closed = closing.close()

    (usage,) = closing.streams.accepted
    assert usage.delivery.shard_id == "backfill-b1"
    assert usage.received_at == NOW
    assert (closed.state, closed.ended) == (BackfillState.CLOSED, Decision(by="clara", at=NOW))
    assert (closed.progress.counts.found, closed.progress.counts.published) == (1, 1)


def test_the_archive_has_all_of_it_and_judges_it_alike(closing: Closing) -> None:
    closing.load(call("call-1"), call("call-2", data={"meter": "api_calls", "quantity": -1}))

    closing.close()

    (record,) = closing.archive.read(Period(NOW, NOW + timedelta(seconds=1)))
    judge = judge_with(ContractReader(), AcceptanceHorizon.of(days=35, future_seconds=300))
    first, second = judge([record])
    assert first.verdict == closing.streams.accepted[0].event
    assert first.delivery == closing.streams.accepted[0].delivery
    (refused,) = closing.reporter.reported
    assert (refused.code, refused.subject) == (ExceptionCode.INVALID_QUANTITY, str(second.delivery))


def test_the_future_is_not_for_backfills_either(closing: Closing) -> None:
    closing.load(call(time="2026-04-15T00:00:00Z"))

    assert closing.close().progress.counts.failed == {ExceptionCode.EVENT_IN_THE_FUTURE: 1}


def test_what_is_counted_already_is_not_published_again(closing: Closing) -> None:
    closing.load(call("call-1"))
    closing.close()
    closing.count_all()
    closing.load(call("call-1"), call("call-2"), into="b2")

    again = closing.close("b2")

    assert (again.progress.counts.published, again.progress.counts.unchanged) == (1, 1)
    assert closing.published() == ["call-1", "call-2"]


def test_what_the_ledger_has_forgotten_goes_there_to_be_refused(closing: Closing) -> None:
    closing.load(call(time=LONG_AGO))

    closed = closing.close()

    assert closed.progress.counts.failed == {ExceptionCode.EVENT_TOO_OLD: 1}
    assert closing.published() == ["call-1"]


def test_closing_that_is_left_goes_on_with_the_same_arrival() -> None:
    closing = Closing(most_parts=1)
    for number in range(3):
        closing.load(call(f"call-{number}"))

    states = [closing.close().state]
    closing.clock.instant += timedelta(hours=3)
    states += [closing.close().state for _ in range(3)]

    assert states == [*[BackfillState.CLOSING] * 3, BackfillState.CLOSED]
    assert sorted(closing.published()) == ["call-0", "call-1", "call-2"]
    assert {usage.received_at for usage in closing.streams.accepted} == {NOW}
    assert [told.progress.counts.found for told in closing.told] == [1, 2, 3]


def test_what_is_reverted_is_never_archived(closing: Closing) -> None:
    closing.load(call())
    closing.backfills.revert("b1", OPENED)

    with pytest.raises(BackfillError, match="reverted"):
        closing.close()

    assert list(closing.archive.read(Period(NOW - timedelta(days=1), None))) == []
    assert closing.published() == []


def test_one_that_was_open_for_so_long_that_its_parts_may_be_gone_is_refused(closing: Closing) -> None:
    closing.load(call())
    closing.clock.instant = OPENED.at + timedelta(days=81)

    with pytest.raises(BackfillError, match="load it into a new one"):
        closing.close()


def test_a_correction_in_a_backfill_takes_back_what_it_names(closing: Closing) -> None:
    void = call("void-1", type="usage.voided", data={"id": "call-1", "reason": "sent by a test"})
    closing.load(void)

    closing.close()

    (standing,) = closing.corrections.standing(LAYOUT.home("acme", datetime(2026, 1, 15, 10, tzinfo=UTC)))
    assert standing.original.event_id == "call-1"
    assert closing.published() == []
