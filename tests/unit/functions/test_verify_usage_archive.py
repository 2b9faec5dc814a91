"""The archive check: what ties goes through, what does not is held, and each hold can be walked back to its reason."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from functions.verify_usage_archive.use_case import ArchiveVerifier, Verification
from shared.adapters.duckdb.delivery_files import ParquetDeliveryFiles
from shared.adapters.duckdb.recount import DuckDbRecount
from shared.contracts.usage_event.registry import read_record
from shared.domain.archive.delivery import judge_with
from shared.domain.archive.partition import Partition
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CatalogVersion, CustomerId, MeterCode, TenantId
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.customer import ALWAYS, Customer, Dated
from shared.domain.metering.expression import Filter, Formula
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.time_period import BillingPeriod, Period
from shared.domain.usage.admission import AcceptanceHorizon
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.usage_recount import UsageRecount
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_ledger_audit import InMemoryLedgerAudit
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.in_memory_usage_archive import InMemoryUsageArchive
from tests.fakes.in_memory_usage_holds import InMemoryUsageHolds
from tests.fakes.plain_recount import PlainRecount
from tests.fakes.steady_clock import SteadyClock
from tests.fakes.usage import ARRIVED_AT, a_record, usage_v2

TENANT = TenantId("acme-saas")
CATALOG_VERSION = CatalogVersion("1-0a1b2c3d4e5f")
ACME, GLOBEX = CustomerId("acme"), CustomerId("globex")
JANUARY = BillingPeriod("2026-01", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
AS_OF = datetime(2026, 2, 2, 6, tzinfo=UTC)
NOTHING = Verification()
LAYOUT = BucketLayout.parse(
    '[{"version": 1, "valid_from": "1970-01-01T00:00:00Z", "groups": 4, "slice_minutes": 1440}]'
)


IN_EUROPE = Meter(
    code=MeterCode("calls_in_europe"),
    name="Calls in Europe",
    unit="1",
    aggregation=Aggregation.SUM,
    event="api_calls",
    filter=Filter("has(region) and region == 'eu'"),
    quantity=Formula("quantity * 2"),
)


def acme_and_globex() -> Catalog:
    return Catalog(
        tenant=TENANT,
        name="test",
        legal_entities=(),
        customers=(customer(ACME), customer(GLOBEX)),
        contracts=(),
        products=(),
        meters=(
            meter("api_calls", Aggregation.SUM, "region"),
            meter("requests", Aggregation.COUNT),
            meter("peak", Aggregation.MAX),
            meter("seats", Aggregation.LATEST),
            meter("users", Aggregation.UNIQUE),
            meter("coldest", Aggregation.MIN),
            meter("latency", Aggregation.AVERAGE),
            meter("storage", Aggregation.WEIGHTED_SUM),
            IN_EUROPE,
        ),
        plans=(),
        tax_rates=(),
    )


def customer(customer_id: CustomerId) -> Customer:
    return Customer(
        customer_id=customer_id,
        name=customer_id,
        country="DE",
        time_zone=ZoneInfo("UTC"),
        known_as=(Dated(customer_id, ALWAYS), Dated(f"{customer_id}-eu", ALWAYS)),
    )


def meter(code: str, aggregation: Aggregation, *dimensions: str) -> Meter:
    return Meter(code=MeterCode(code), name=code, unit="1", aggregation=aggregation, dimensions=dimensions)


HORIZON = AcceptanceHorizon.of(days=35, future_seconds=300)
JUDGE = judge_with(read_record, HORIZON)


class Check:
    """The use case with everything around it in memory; usage is archived, and counted when a test says so."""

    def __init__(self, recount: Callable[[InMemoryUsageArchive], UsageRecount] | None = None) -> None:
        self._recount = recount or in_plain_python
        self.archive = InMemoryUsageArchive()
        self.ledger = InMemoryLedgerAudit()
        self.parked: set[str] = set()
        self.holds = InMemoryUsageHolds()
        self.reporter = InMemoryExceptionReporter()
        self.master_data = InMemoryMasterData()
        self.master_data.write(CATALOG_VERSION, acme_and_globex())
        self.master_data.publish(CATALOG_VERSION)
        self._sequence = 0

    def arrive(self, *, arrived_at: datetime = ARRIVED_AT, **changes: Any) -> tuple[StreamRecord, UsageEvent]:
        """Archive an event and return its record and what is read from it."""
        self._sequence += 1
        record = a_record(usage_v2(**changes), sequence=self._sequence, arrived_at=arrived_at)
        self.archive.write([record])
        (event,) = read_record(record.data)
        assert isinstance(event, UsageEvent)
        return record, event

    def correct(self, original: str, *, arrived_at: datetime = ARRIVED_AT) -> None:
        """Archive a void of what arrive() has archived under an id."""
        self._sequence += 1
        void = usage_v2(id=f"void-{original}", type="usage.voided", data={"id": original, "reason": "wrong"})
        self.archive.write([a_record(void, sequence=self._sequence, arrived_at=arrived_at)])

    def run(self, *, as_of: datetime = AS_OF, now: datetime | None = None) -> Verification:
        verifier = ArchiveVerifier(
            tenant=TENANT,
            horizon=HORIZON,
            seal_grace=timedelta(hours=24),
            layout=LAYOUT,
            recount=self._recount(self.archive),
            ledger=self.ledger,
            parked_deliveries=lambda: self.parked,
            master_data=self.master_data,
            holds=self.holds,
            reporter=self.reporter,
            clock=SteadyClock(now or as_of),
        )
        return verifier.verify([JANUARY], as_of)

    @property
    def open_codes(self) -> list[ExceptionCode]:
        return [record.code for record in self.reporter.open.values()]


def in_plain_python(archive: InMemoryUsageArchive) -> UsageRecount:
    return PlainRecount(archive, JUDGE)


def in_sql(archive: InMemoryUsageArchive) -> UsageRecount:
    files = ParquetDeliveryFiles(memory_mb=200)
    return DuckDbRecount(archive=archive, files=files, judge=JUDGE, memory_mb=200, threads=1)


@pytest.fixture(params=[in_plain_python, in_sql], ids=["plain Python", "SQL"])
def check(request: pytest.FixtureRequest) -> Check:
    return Check(request.param)


@pytest.mark.parametrize(
    ("code", "aggregation"),
    [
        ("api_calls", Aggregation.SUM),
        ("requests", Aggregation.COUNT),
        ("peak", Aggregation.MAX),
        ("seats", Aggregation.LATEST),
        ("users", Aggregation.UNIQUE),
        ("coldest", Aggregation.MIN),
        ("latency", Aggregation.AVERAGE),
        ("storage", Aggregation.WEIGHTED_SUM),
    ],
)
def test_a_ledger_that_counted_every_event_ties(check: Check, code: str, aggregation: Aggregation) -> None:
    usage: list[tuple[str, str, dict[str, object]]] = [
        ("call-1", "2026-01-15T10:07:31Z", {"quantity": 3, "unique_key": "ann"}),
        ("call-2", "2026-01-15T10:14:59.999999Z", {"quantity": "0.5", "unique_key": "ben"}),
        ("call-3", "2026-01-15T10:08:00Z", {"quantity": 2, "unique_key": "ann"}),
        ("call-4", "2026-01-15T10:09:00Z", {"quantity": 1}),
        ("call-5", "2026-01-15T10:15:00Z", {"quantity": 7}),
    ]
    for event_id, time, measured in usage:
        _, event = check.arrive(id=event_id, time=time, data={"meter": code, **measured}, arrived_at=NOON)
        check.ledger.count(event, aggregation=aggregation)

    assert check.run() == NOTHING
    assert check.reporter.reported == []


def test_what_every_meter_of_an_event_measured_ties(check: Check) -> None:
    _, event = check.arrive(data={"meter": "api_calls", "quantity": 25, "dimensions": {"region": "eu"}})
    check.ledger.count_measured(meter("api_calls", Aggregation.SUM, "region"), event)
    check.ledger.count_measured(IN_EUROPE, event)

    assert check.run() == NOTHING


def test_what_one_meter_did_not_count_of_an_event_holds_the_customer(check: Check) -> None:
    _, event = check.arrive(data={"meter": "api_calls", "quantity": 25, "dimensions": {"region": "eu"}})
    check.ledger.count_measured(meter("api_calls", Aggregation.SUM, "region"), event)

    assert check.run().holds == 1


def test_what_waits_for_one_meter_excuses_no_other(check: Check) -> None:
    record, event = check.arrive(data={"meter": "api_calls", "quantity": 25, "dimensions": {"region": "eu"}})
    check.parked.add(f"{record.shard_id}:{record.sequence_number}:0 calls_in_europe")

    assert check.run().holds == 1
    check.ledger.count_measured(meter("api_calls", Aggregation.SUM, "region"), event)
    assert check.run().holds == 0


def test_repeats_are_counted_once_on_both_sides(check: Check) -> None:
    _, event = check.arrive()
    check.arrive()
    check.ledger.count(event)

    assert check.run() == NOTHING


def test_two_subjects_of_one_customer_share_a_window(check: Check) -> None:
    _, here = check.arrive(id="call-1", subject="acme")
    _, there = check.arrive(id="call-2", subject="acme-eu")
    check.ledger.count(here, there)

    assert check.run() == NOTHING


def test_refused_and_parked_usage_is_not_missed(check: Check) -> None:
    record, _ = check.arrive(id="call-1", subject="unknown-customer")
    check.parked.add(f"{record.shard_id}:{record.sequence_number}:0")
    check.archive.write([a_record(b"{cut", sequence=900)])
    check.archive.write([a_record(usage_v2(id="old", time="2025-11-01T00:00:00Z"), sequence=901)])

    assert check.run() == NOTHING


def test_usage_of_other_periods_is_not_recounted(check: Check) -> None:
    check.arrive(id="call-1", time="2026-02-01T00:00:00Z", arrived_at=JANUARY.end)
    check.arrive(id="call-2", time="2025-12-31T23:59:59Z", arrived_at=JANUARY.start)

    assert check.run() == NOTHING


def test_usage_that_the_ledger_lost_holds_the_customer(check: Check) -> None:
    _, kept = check.arrive(id="call-1")
    lost, _ = check.arrive(id="call-2")
    check.ledger.count(kept)

    assert check.run().holds == 1
    (hold,) = check.holds.reasons(ACME, "2026-01")
    assert hold.startswith("ARCHIVE_DOES_NOT_TIE:acme/2026-01 ")
    (exception,) = check.reporter.open.values()
    assert f"{lost.shard_id}:{lost.sequence_number}:0" in exception.detail["first"]
    assert check.holds.held("2026-01").keys() == {ACME}


def test_usage_that_is_voided_is_left_out_on_both_sides(check: Check) -> None:
    _, kept = check.arrive(id="call-1")
    _, wrong = check.arrive(id="call-2")
    check.ledger.count(kept, wrong)
    check.correct("call-2")
    check.ledger.void(wrong)

    assert check.run() == NOTHING


def test_a_void_that_arrived_long_after_is_known_from_the_ledger(check: Check) -> None:
    _, wrong = check.arrive(id="call-1")
    check.ledger.count(wrong)
    check.ledger.void(wrong)

    assert check.run() == NOTHING


def test_a_void_that_the_ledger_has_not_applied_holds_the_customer(check: Check) -> None:
    wrong, event = check.arrive(id="call-1")
    check.ledger.count(event)
    check.correct("call-1")

    assert check.run().holds == 1
    (exception,) = check.reporter.open.values()
    assert (
        exception.detail["first"] == f"delivery {wrong.shard_id}:{wrong.sequence_number}:0 is voided and still counts"
    )
    check.ledger.void(event)
    assert check.run().released == 1


def test_a_void_that_came_after_the_grace_holds_nobody(check: Check) -> None:
    _, event = check.arrive(id="call-1")
    check.ledger.count(event)
    check.correct("call-1", arrived_at=JANUARY.end + timedelta(hours=25))

    assert check.run() == NOTHING


def test_usage_that_arrived_after_the_grace_may_still_be_on_its_way(check: Check) -> None:
    check.arrive(id="late", time="2026-01-31T12:00:00Z", arrived_at=JANUARY.end + timedelta(hours=25))

    assert check.run() == NOTHING


def test_late_usage_that_arrived_since_the_run_was_due_is_found_in_the_archive(check: Check) -> None:
    """The run starts when it can, or again a day later, and the ledger has by then what came meanwhile."""
    _, late = check.arrive(arrived_at=AS_OF + timedelta(minutes=2))
    check.ledger.count(late)

    assert check.run() == NOTHING


class _StillArriving(InMemoryUsageArchive):
    """Late usage comes all the time: while the archive is read, one more event is archived and counted."""

    def __init__(self, check: Check) -> None:
        super().__init__()
        self._check = check
        self._reads = 0

    def read(self, arrived: Period) -> Iterator[StreamRecord]:
        self._one_more()
        return super().read(arrived)

    def partition(self, day: date) -> Partition:
        self._one_more()
        return super().partition(day)

    def _one_more(self) -> None:
        self._reads += 1
        _, event = self._check.arrive(id=f"late-{self._reads}", arrived_at=AS_OF)
        self._check.ledger.count(event)


def test_late_usage_that_arrives_throughout_the_check_is_no_difference(check: Check) -> None:
    check.archive = _StillArriving(check)

    assert check.run() == NOTHING


def test_lost_usage_of_nobody_is_an_exception_without_a_hold(check: Check) -> None:
    check.arrive(subject="unknown-customer")

    assert check.run() == NOTHING
    assert check.open_codes == [ExceptionCode.ARCHIVE_DOES_NOT_TIE]


def test_usage_that_the_ledger_counted_twice_holds_the_customer(check: Check) -> None:
    _, event = check.arrive()
    check.ledger.count(event)
    check.ledger.count(event)

    check.run()

    (exception,) = check.reporter.open.values()
    assert "ledger 2 events, 50; archive 1 events, 25" in exception.detail["first"]
    assert check.holds.reasons(ACME, "2026-01")


def test_usage_that_only_the_ledger_has_holds_the_customer(check: Check) -> None:
    other = Check()
    _, event = other.arrive(subject="globex")
    check.ledger.count(event, customer="globex")

    check.run()

    assert check.holds.held("2026-01").keys() == {GLOBEX}


def test_usage_billed_to_the_wrong_customer_holds_both(check: Check) -> None:
    _, event = check.arrive()
    check.ledger.count(event, customer="globex")

    check.run()

    assert check.holds.held("2026-01").keys() == {ACME, GLOBEX}


def test_dimensions_that_the_meter_keeps_are_compared(check: Check) -> None:
    _, event = check.arrive(data={"meter": "api_calls", "dimensions": {"region": "eu", "host": "a"}})
    _, elsewhere = Check().arrive(data={"meter": "api_calls", "dimensions": {"region": "us"}})
    check.ledger.count(event)
    assert event.dimensions != elsewhere.dimensions

    assert check.run().holds == 1


def test_a_conflict_across_buckets_holds_everyone_it_could_bill(check: Check) -> None:
    _, first = check.arrive(subject="acme", time="2026-01-15T10:00:00Z")
    second_record, second = check.arrive(
        subject="globex", time="2026-02-01T10:00:00Z", arrived_at=datetime(2026, 2, 1, 10, tzinfo=UTC)
    )
    check.ledger.count(first)
    check.ledger.count(second, customer="globex")

    assert check.run() == Verification(conflicts=1, holds=2)
    (exception,) = check.reporter.open.values()
    assert exception.exception_id == "USAGE_CONFLICT:urn:acme:gateway call-1"
    assert exception.raised_at == second_record.arrived_at
    assert check.holds.reasons(ACME, "2026-01") == (exception.exception_id,)
    assert check.holds.reasons(GLOBEX, "2026-02") == (exception.exception_id,)


def test_a_conflict_within_a_bucket_is_one_conflict_and_no_difference(check: Check) -> None:
    _, counted = check.arrive(data={"meter": "api_calls", "quantity": 1})
    check.arrive(data={"meter": "api_calls", "quantity": 2})
    check.ledger.count(counted)

    check.run()

    assert check.open_codes == [ExceptionCode.USAGE_CONFLICT]
    assert check.holds.held("2026-01") == {}


def test_an_id_that_a_producer_uses_for_everything_makes_an_exception_that_can_be_sent(check: Check) -> None:
    for quantity in range(200):
        check.arrive(data={"meter": "api_calls", "quantity": quantity})

    check.run()

    (exception,) = check.reporter.open.values()
    assert exception.message.startswith("200 deliveries")
    assert exception.detail["deliveries"].endswith(" and 180 more")


def test_a_conflict_of_another_period_is_left_to_its_own_bill_run(check: Check) -> None:
    in_february = datetime(2026, 2, 1, 12, tzinfo=UTC)
    for quantity in (1, 2):
        data = {"meter": "api_calls", "quantity": quantity}
        check.arrive(time="2026-02-01T12:00:00Z", data=data, arrived_at=in_february)

    assert check.run() == NOTHING


def test_checking_twice_finds_the_same_and_opens_nothing_new(check: Check) -> None:
    check.arrive(data={"meter": "api_calls", "quantity": 1})
    check.arrive(data={"meter": "api_calls", "quantity": 2})

    assert check.run() == check.run()
    assert len(check.reporter.open) == 1


def test_a_hold_that_was_released_for_a_conflict_stays_released(check: Check) -> None:
    for time in ("2026-01-14T10:00:00Z", "2026-01-15T10:00:00Z"):
        check.ledger.count(check.arrive(time=time)[1])
    check.run()
    (reason,) = check.holds.reasons(ACME, "2026-01")
    check.holds.release(ACME, "2026-01", reason)

    check.run()

    assert check.holds.reasons(ACME, "2026-01") == ()


def test_a_recount_that_ties_again_releases_its_hold(check: Check) -> None:
    _, event = check.arrive()
    check.run()
    assert check.holds.reasons(ACME, "2026-01")
    check.ledger.count(event)

    assert check.run(as_of=AS_OF + timedelta(days=1)) == Verification(released=1)
    assert check.holds.reasons(ACME, "2026-01") == ()
    assert check.reporter.open == {}


def test_an_earlier_bill_run_that_is_tried_again_later_closes_what_one_after_it_opened(check: Check) -> None:
    """Exceptions go by when was looked: by when the run was due, the hold went and its exception stayed for ever."""
    _, event = check.arrive()
    check.run(as_of=AS_OF + timedelta(days=1))
    (opened,) = check.reporter.open.values()
    check.ledger.count(event)

    check.run(as_of=AS_OF, now=AS_OF + timedelta(days=1, hours=2))

    assert check.reporter.resolved_at[opened.exception_id] > opened.raised_at


def test_a_period_whose_ids_are_forgotten_is_counted_and_not_compared(check: Check) -> None:
    """The ledger has no ids of it any more: everything would look lost."""
    check.arrive(id="call-1")

    assert check.run(as_of=AS_OF + timedelta(days=120)) == Verification(forgotten=1)
    assert check.open_codes == []
