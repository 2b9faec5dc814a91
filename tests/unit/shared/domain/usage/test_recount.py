"""The recount: the ledger's states on one side, plain counting on the other."""

from decimal import Decimal

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import CountState, SumState, WindowKey, WindowUsage
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.usage.recount import NOTHING, Counted, Recount
from tests.fakes.usage import OCCURRED_AT, an_event

ACME, API_CALLS = CustomerId("acme"), MeterCode("api_calls")
WINDOW = WindowKey(ACME, API_CALLS, OCCURRED_AT.replace(minute=0, second=0, microsecond=0), (("region", "eu"),))


def recount(*, aggregation: Aggregation = Aggregation.SUM) -> Recount:
    meter = Meter(code=API_CALLS, name="API calls", unit="call", aggregation=aggregation, dimensions=("region",))
    return Recount({API_CALLS: meter})


def test_a_window_may_come_in_several_parts() -> None:
    archive = recount()
    for event_id in ("call-1", "call-2"):
        archive.count(an_event(event_id=event_id, dimensions=(("host", "a"), ("region", "eu"))), ACME)
    part = WindowUsage(WINDOW, 1, SumState(Decimal("25.0")))

    assert list(archive.compare([part, part])) == []


def test_a_window_on_one_side_only_is_a_difference() -> None:
    archive = recount()
    archive.count(an_event(dimensions=(("region", "us"),)), ACME)

    in_ledger, in_archive = archive.compare([WindowUsage(WINDOW, 1, SumState(Decimal(25)))])

    assert (in_ledger.ledger, in_ledger.archive) == (Counted(1, Decimal(25)), NOTHING)
    assert (in_archive.ledger, in_archive.archive) == (NOTHING, Counted(1, Decimal(25)))
    assert str(in_archive) == "api_calls 2026-01-15T10:00Z region=us: ledger 0 events, 0; archive 1 events, 25"


def test_a_meter_whose_aggregation_was_changed_is_a_difference_and_no_crash() -> None:
    archive = recount()
    archive.count(an_event(event_id="call-1", dimensions=(("region", "eu"),)), ACME)
    archive.count(an_event(event_id="call-2", dimensions=(("region", "eu"),)), ACME)
    ledger = [WindowUsage(WINDOW, 1, SumState(Decimal(25))), WindowUsage(WINDOW, 1, CountState(1))]

    (difference,) = archive.compare(ledger)

    assert difference.ledger == Counted(2, Decimal(26))


def test_usage_of_a_meter_that_is_gone_shows_as_the_ledgers_alone() -> None:
    archive = Recount({})
    archive.count(an_event(), ACME)

    (difference,) = archive.compare([WindowUsage(WINDOW, 1, SumState(Decimal(25)))])

    assert difference.archive == NOTHING
