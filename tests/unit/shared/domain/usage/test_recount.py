"""The recount: the ledger's states on one side, plain counting on the other."""

from decimal import Decimal

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import CountState, LevelsState, SumState, WindowKey, WindowUsage
from shared.domain.metering.levels import Level
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import fingerprint
from shared.domain.usage.measurement import Measurement, measure
from shared.domain.usage.recount import NOTHING, Counted, Recount
from tests.fakes.usage import OCCURRED_AT, an_event

ACME, API_CALLS = CustomerId("acme"), MeterCode("api_calls")
WINDOW = WindowKey(ACME, API_CALLS, OCCURRED_AT.replace(minute=0, second=0, microsecond=0), (("region", "eu"),))


def api_calls(aggregation: Aggregation = Aggregation.SUM) -> Meter:
    return Meter(code=API_CALLS, name="API calls", unit="call", aggregation=aggregation, dimensions=("region",))


def recount(*events: UsageEvent, aggregation: Aggregation = Aggregation.SUM) -> Recount:
    archive = Recount()
    for event in events:
        for measured in measure(event, fingerprint(event), [api_calls(aggregation)]):
            assert isinstance(measured, Measurement)
            archive.count(event, ACME, measured)
    return archive


def test_a_window_may_come_in_several_parts() -> None:
    archive = recount(
        *(
            an_event(event_id=event_id, dimensions=(("host", "a"), ("region", "eu")))
            for event_id in ("call-1", "call-2")
        )
    )
    part = WindowUsage(WINDOW, 1, SumState(Decimal("25.0")))

    assert list(archive.compare([part, part])) == []


def test_a_window_on_one_side_only_is_a_difference() -> None:
    archive = recount(an_event(dimensions=(("region", "us"),)))

    in_ledger, in_archive = archive.compare([WindowUsage(WINDOW, 1, SumState(Decimal(25)))])

    assert (in_ledger.ledger, in_ledger.archive) == (Counted(1, Decimal(25)), NOTHING)
    assert (in_archive.ledger, in_archive.archive) == (NOTHING, Counted(1, Decimal(25)))
    assert str(in_archive) == "api_calls 2026-01-15T10:00Z region=us: ledger 0 events, 0; archive 1 events, 25"


def test_a_meter_whose_aggregation_was_changed_is_a_difference_and_no_crash() -> None:
    archive = recount(*(an_event(event_id=name, dimensions=(("region", "eu"),)) for name in ("call-1", "call-2")))
    ledger = [WindowUsage(WINDOW, 1, SumState(Decimal(25))), WindowUsage(WINDOW, 1, CountState(1))]

    (difference,) = archive.compare(ledger)

    assert difference.ledger == Counted(2, Decimal(26))


def test_usage_of_a_meter_that_is_gone_shows_as_the_ledgers_alone() -> None:
    (difference,) = recount().compare([WindowUsage(WINDOW, 1, SumState(Decimal(25)))])

    assert difference.archive == NOTHING


def test_levels_are_compared_by_how_long_each_was_held() -> None:
    early = an_event(event_id="call-1", quantity="2", dimensions=(("region", "eu"),))
    late = an_event(
        event_id="call-2",
        quantity="5",
        dimensions=(("region", "eu"),),
        occurred_at=OCCURRED_AT.replace(minute=14, second=59, microsecond=0),
    )
    archive = recount(early, late, aggregation=Aggregation.WEIGHTED_SUM)
    levels = [Level(one.occurred_at, one.source, one.event_id, one.quantity) for one in (early, late)]
    wrong = [levels[0]._replace(value=Decimal(3)), levels[1]]

    assert list(archive.compare([WindowUsage(WINDOW, 2, LevelsState(tuple(levels)))])) == []
    (difference,) = archive.compare([WindowUsage(WINDOW, 2, LevelsState(tuple(wrong)))])
    assert difference.archive == Counted(2, Decimal("900.50"))  # 2 for 447.75 seconds, 5 for one
