"""Calendars that other billing engines assert in their own tests, held against Anniversary, one mapping per kind.

Boundaries are midnights of the customer's here: where others keep the clock time of an anchor, or end at 23:59:59, the
local days are compared. What is not offered is named with its reason below.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import count, takewhile
from zoneinfo import ZoneInfo

import pytest

from shared.domain.subscriptions.anniversary import Anniversary
from shared.domain.subscriptions.proration import Proration, share_of
from shared.domain.time_period import BillingPeriod, Period, billing_period_containing, local_midnight, parse_instant
from tests.unit.shared.domain.subscriptions.other_engines import (
    NOT_WHOLE_MONTHS,
    Case,
    Inputs,
    day,
    every_case,
    local_day,
    months,
    of_the_year,
    on_anchor,
    utc,
    zone_of,
)

UTC = ZoneInfo("UTC")
SECOND = timedelta(seconds=1)
NOTHING_IS_A_BOUNDARY = "periods start on their anchor: there is none that starts elsewhere and counts on from there"
GREEDY = "a period is billed once it has ended, with what was used until then"
NO_ERROR = "nothing is due before the start; to ask is no error"
DAY_OF_ANCHOR = "the whole of a leading part starts on the anchor day, not on the clamped day of its end"
BY_ID = {
    "kb-cycles-175": DAY_OF_ANCHOR,  # 28 November to 28 February, where the 31st is the anchor
    "fp-next-014": NOTHING_IS_A_BOUNDARY,  # every second month of the 1st, from 30 December
    "fp-next-017": NOTHING_IS_A_BOUNDARY,  # the same, from 31 January
    "fp-next-027": NOTHING_IS_A_BOUNDARY,  # every 29 February, from 15 January
    "fp-next-104": NOTHING_IS_A_BOUNDARY,  # every second month of the 14th, from 1 April
}


def why_not(case: Case) -> str:
    """Return why a case is not run, or nothing."""
    inputs, kind = case["inputs"], case["kind"]
    if not months(inputs) and kind != "bill_cycle_day":
        return NOT_WHOLE_MONTHS
    if inputs.get("billing_mode") == "in_arrears_greedy":
        return GREEDY
    if case["expected"].get("error") and inputs["service_start"] <= inputs["service_end"]:
        return NO_ERROR
    return BY_ID.get(case["id"], "")


def next_billing_date(case: Case) -> None:
    inputs, cycle = case["inputs"], on_anchor(case["inputs"])
    following = cycle.boundary(cycle.number_at(local_day(inputs["period_start"], inputs)) + 1)

    assert following == local_day(case["expected"]["date"], inputs)


def billing_periods(case: Case) -> None:
    inputs, cycle = case["inputs"], on_anchor(case["inputs"])
    end = parse_instant(inputs["end"])
    periods = list(
        takewhile(lambda one: one.start < end, cycle.periods_from(parse_instant(inputs["start"]), zone_of(inputs)))
    )

    assert len(periods) == case["expected"]["count"]
    assert [utc(one.end) for one in periods[:2]] == case["expected"]["ends"]


def period_containing(case: Case) -> None:
    inputs, expected = case["inputs"], case["expected"]
    cycle = on_anchor(inputs)
    number = cycle.number_at(local_day(inputs["at"], inputs))

    assert cycle.boundary(number) == local_day(expected["from"], inputs)
    if "to" in expected:
        assert cycle.boundary(number + 1) == local_day(expected["to"], inputs)


def window_starts(case: Case) -> None:
    inputs = case["inputs"]
    periods = on_anchor(inputs).periods_from(parse_instant(inputs["from"]), zone_of(inputs))
    starts = [utc(one.start) for one in takewhile(lambda one: utc(one.start) < inputs["to"], periods)]

    assert starts == case["expected"]["starts"]


def next_calendar_boundary(case: Case) -> None:
    inputs = case["inputs"]
    period = of_the_year(inputs).containing(parse_instant(inputs["at"]), zone_of(inputs))

    assert utc(period.end) == case["expected"]["date"]


def calendar_bound(case: Case) -> None:
    calendar = of_the_year(case["inputs"])

    assert calendar.boundary(calendar.number_at(day(case["inputs"]["date"]))) == day(case["expected"]["date"])


def advance_date(case: Case) -> None:
    inputs = case["inputs"]
    cycle = Anniversary.on(day(inputs["date"]), every_months=months(inputs))

    assert cycle.boundary(inputs["periods"]) == day(case["expected"]["date"])


def align_to_cycle_day(case: Case) -> None:
    inputs, start = case["inputs"], day(case["inputs"]["date"])
    cycle = Anniversary(start, inputs["bill_cycle_day"])
    aligned = cycle.boundary_from(start) if inputs["mode"] == "next" else cycle.boundary(0)

    assert aligned == day(case["expected"]["date"])


def bill_cycle_day(case: Case) -> None:
    assert local_day(case["inputs"]["start"], case["inputs"]).day == case["expected"]["day"]


# Meteroid: a billing day, and a first period that may be a part of one.


def billed_from(start: date, inputs: Inputs) -> Iterator[tuple[date, date]]:
    """Yield the periods from a start on, the first one as far as it is billed."""
    cycle = Anniversary(start, inputs["billing_day"], months(inputs))
    for number in count(cycle.number_at(start)):
        yield max(start, cycle.boundary(number)), cycle.boundary(number + 1)


def period_starting_at(case: Case) -> None:
    first = next(billed_from(day(case["inputs"]["start"]), case["inputs"]))

    assert first == (day(case["expected"]["from"]), day(case["expected"]["to"]))


def period_ending_at(case: Case) -> None:
    inputs = case["inputs"]
    periods = billed_from(day(inputs["billing_start"]), inputs)
    period = next(one for one in periods if one[1] >= day(inputs["end"]))

    assert period == (day(case["expected"]["from"]), day(case["expected"]["to"]))


def elapsed_cycles(case: Case) -> None:
    inputs = case["inputs"]
    ended = takewhile(lambda one: one[1] <= day(inputs["at"]), billed_from(day(inputs["start"]), inputs))

    assert len(list(ended)) == case["expected"]["count"]


def period_containing_billing_day(case: Case) -> None:
    inputs = case["inputs"]
    period = next(one for one in billed_from(day(inputs["start"]), inputs) if day(inputs["at"]) < one[1])

    assert period == (day(case["expected"]["from"]), day(case["expected"]["to"]))


# Kill Bill: a bill cycle day, and how many cycles are due up to a target date.


def cycle_of(inputs: Inputs) -> Anniversary:
    return Anniversary(day(inputs["service_start"]), inputs["bill_cycle_day"], months(inputs))


def due_in_advance(inputs: Inputs) -> Iterator[tuple[date, date]]:
    """Yield the periods that have started by the target date, as calendar periods: the first may start earlier."""
    start, end = day(inputs["service_start"]), day(inputs["service_end"] or "9999-01-01")
    cycle = cycle_of(inputs)
    for number in count(cycle.number_at(start)):
        period = cycle.boundary(number), cycle.boundary(number + 1)
        if max(period[0], start) > day(inputs["target_date"]) or period[0] >= end:
            return
        yield period


def share_of_days(part: tuple[date, date], whole: tuple[date, date]) -> Fraction:
    share = share_of(_period(*part), _period(*whole), Proration.DAYS, UTC)
    return share.fraction if share else Fraction(1)


def _period(first: date, following: date) -> Period:
    return Period(local_midnight(first, UTC), local_midnight(following, UTC))


def billing_cycles(case: Case) -> None:
    inputs = case["inputs"]
    start, end = day(inputs["service_start"]), day(inputs["service_end"] or "9999-01-01")
    if case["expected"].get("error"):
        with pytest.raises(ValueError, match="ends after it starts"):
            _period(start, end)
        return
    places = Decimal(1).scaleb(-inputs["fraction_decimals"])
    shares = [share_of_days((max(one[0], start), min(one[1], end)), one) for one in due_in_advance(inputs)]
    rounded = [(Decimal(s.numerator) / Decimal(s.denominator)).quantize(places, ROUND_HALF_UP) for s in shares]

    assert sum(rounded) == Decimal(case["expected"]["cycles"])


def billed_periods(case: Case) -> None:
    expected = [(day(one["from"]), day(one["to"])) for one in case["expected"]["periods"]]

    assert list(due_in_advance(case["inputs"])) == expected


def billing_interval(case: Case) -> None:
    inputs, expected = case["inputs"], case["expected"]
    cycle = cycle_of(inputs)
    first = cycle.number_at(cycle.boundary_from(day(inputs["service_start"])))
    found: dict[str, object] = {"first_cycle_date": cycle.boundary(first).isoformat()}
    if inputs["target_date"] is not None:
        reached = cycle.number_at(day(inputs["target_date"]))
        through = reached if inputs["billing_mode"] == "in_arrears" else reached + 1
        found |= {
            "billed_through": cycle.boundary(through).isoformat() if through >= first else None,
            "something_to_bill": through >= first,
            "next_cycle_date": cycle.boundary(max(reached + 1, first)).isoformat(),
            "last_cycle_date": cycle.boundary(reached).isoformat(),
        }

    assert {name: found[name] for name in expected} == expected


def usage_boundaries(case: Case) -> None:
    inputs = case["inputs"]
    start, target = day(inputs["service_start"]), day(inputs["target_date"])
    cycle = cycle_of(inputs)
    first = cycle.number_at(cycle.boundary_from(start))
    boundaries = {start, *takewhile(lambda one: one <= target, map(cycle.boundary, count(first)))}

    assert sorted(boundaries) == [day(one) for one in case["expected"]["boundaries"]]


# Lago: from, to and length of the period that a billing day bills.


def billing_boundary(case: Case) -> None:
    inputs, expected = case["inputs"], case["expected"]
    period = _billed_at(inputs)
    whole = period.end.astimezone(zone_of(inputs)).date() - period.start.astimezone(zone_of(inputs)).date()
    started = parse_instant(inputs["started_at"]) if inputs["started_at"] else None
    day_of_start = local_midnight(started.astimezone(zone_of(inputs)).date(), zone_of(inputs)) if started else None
    end = inputs["terminated_at"] or utc(period.end - SECOND)
    match inputs["boundary"]:
        case "from":
            assert expected["date"] == (utc(max(period.start, day_of_start)) if day_of_start else None)
        case "charges_from":
            assert expected["date"] == (utc(max(period.start, started)) if started else None)
        case "to" | "charges_to":
            assert expected["date"] == (end if started else None)
        case "next_end_of_period":
            assert expected["date"] == utc(period.end - SECOND)
        case "previous_beginning_of_period":
            assert expected["date"] == utc(period.start)
        case "period_duration_days" | "charges_duration_days":
            assert expected["days"] == whole.days
        case other:
            raise AssertionError(other)


def _billed_at(inputs: Inputs) -> BillingPeriod:
    """Return the period that a billing day is about: the one before it in arrears, the one that holds it otherwise."""
    zone, boundary = zone_of(inputs), inputs["boundary"]
    of_usage = boundary.startswith("charges")
    every = 1 if of_usage and inputs.get("bill_charges_monthly") else months(inputs)
    anchor = local_day(inputs["anchor"], inputs) if inputs["billing_time"] == "anniversary" else date(2000, 1, 1)
    cycle = Anniversary.on(anchor, every_months=every)
    at = parse_instant(inputs["billing_at"])
    if inputs.get("measured_from"):
        return cycle.containing(local_midnight(day(inputs["measured_from"]), zone), zone)
    holds = cycle.containing(at, zone)
    if _is_of_the_running_period(inputs, of_usage=of_usage):
        return holds
    return cycle.containing(holds.start - SECOND, zone)


def _is_of_the_running_period(inputs: Inputs, *, of_usage: bool) -> bool:
    if inputs["boundary"] == "next_end_of_period":
        return True
    if inputs["boundary"] == "previous_beginning_of_period":
        return bool(inputs["current_period"])
    in_advance = inputs["pay_in_advance"] and not of_usage
    return bool(in_advance or inputs["terminated_at"] or inputs.get("current_usage"))


KINDS: dict[str, Callable[[Case], None]] = {
    "next_billing_date": next_billing_date,
    "billing_periods": billing_periods,
    "period_containing": period_containing,
    "period_containing_from": period_containing,
    "window_starts": window_starts,
    "next_calendar_boundary": next_calendar_boundary,
    "calendar_bound": calendar_bound,
    "advance_date": advance_date,
    "align_to_cycle_day": align_to_cycle_day,
    "bill_cycle_day": bill_cycle_day,
    "period_starting_at": period_starting_at,
    "period_ending_at": period_ending_at,
    "elapsed_cycles": elapsed_cycles,
    "period_containing_billing_day": period_containing_billing_day,
    "billing_cycles": billing_cycles,
    "billed_periods": billed_periods,
    "billing_interval": billing_interval,
    "usage_boundaries": usage_boundaries,
    "billing_boundary": billing_boundary,
    "previous_boundary": period_containing,
}


@pytest.mark.parametrize("case", [one for one in every_case() if one["kind"] in KINDS], ids=lambda case: case["id"])
def test_a_case_of_another_engine(case: Case) -> None:
    if reason := why_not(case):
        pytest.skip(reason)
    KINDS[case["kind"]](case)


def test_calendar_months_are_anniversaries_of_a_first_of_a_month() -> None:
    instant, berlin = datetime(2026, 10, 31, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin")

    assert Anniversary(date(2000, 1, 1), 1).containing(instant, berlin) == billing_period_containing(instant, berlin)
