"""Cases that other billing engines assert in their own tests, for the aggregations offered here.

The folder with aggregation_cases.json is named by U2C_CASES_DIR; without it there is nothing to run. Each case goes the
whole way: a meter with filter and formula measures its events, the tally makes windows of them, rating merges those.

Two rules differ, and are translated. Where others keep the last of several events with one id, here another content is
a conflict and the first stays: so the test leaves out what they would not keep. And where they state changes of a
level, here an event states the level itself: so the test adds the changes up.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.domain.identifiers import MeterCode
from shared.domain.metering.carried import CarriedLevel
from shared.domain.metering.expression import Filter, Formula
from shared.domain.metering.levels import Level
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.metering.tally import UsageRow, tally
from shared.domain.rating.charge_models import PerUnit
from shared.domain.rating.quantities import charged_quantity
from shared.domain.time_period import Period, format_instant, parse_instant
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import fingerprint, plain_quantity
from shared.domain.usage.measurement import Measurement, measure
from tests.builders.billing import price, usage_charge
from tests.fakes.usage import an_event

CASES_DIR = os.environ.get("U2C_CASES_DIR", "")
USAGE = MeterCode("api_calls")
OFFERED = {
    "sum": Aggregation.SUM,
    "count": Aggregation.COUNT,
    "max": Aggregation.MAX,
    "min": Aggregation.MIN,
    "avg": Aggregation.AVERAGE,
    "latest": Aggregation.LATEST,
    "unique_count": Aggregation.UNIQUE,
    "weighted_sum": Aggregation.WEIGHTED_SUM,
}


def cases() -> list[dict[str, Any]]:
    if not CASES_DIR:
        return []
    every: list[dict[str, Any]] = json.loads((Path(CASES_DIR) / "aggregation_cases.json").read_text())
    return every


def why_not(case: dict[str, Any]) -> str:
    """Return why a case is not run, or nothing."""
    if case["aggregation"] not in OFFERED:
        return "unique keys are not prorated by days: a level of 1 for each key, weighted, says it to the microsecond"
    if "unique_operation_key" in case:
        return "a unique key is not taken out again: a level of 1 or 0 for each key says it"
    if case["window"].get("to_inclusive"):
        return "periods are half-open, without an exception for the last one"
    if any(Decimal(event["properties"].get("value") or 0) < 0 for event in case["events"]) and not _levels(case):
        return "a quantity is at least zero"
    return ""


def _levels(case: dict[str, Any]) -> bool:
    return bool(case["aggregation"] == "weighted_sum")


def meter_of(case: dict[str, Any]) -> Meter:
    conditions = list(_conditions(case.get("filters", {})))
    if case["field"]:
        conditions.append("has(value)")  # others pass over what has no value; here it would wait for a person
    return Meter(
        code=USAGE,
        name="usage",
        unit="1",
        aggregation=OFFERED[case["aggregation"]],
        dimensions=tuple(sorted(case.get("group_by", ()))),
        filter=Filter(" and ".join(conditions)) if conditions else None,
        quantity=Formula("value") if case["field"] and case["aggregation"] != "unique_count" else None,
    )


def _conditions(filters: Mapping[str, Any]) -> Iterator[str]:
    for key, values in filters.get("match", {}).items():
        yield _one_of(key, values)
    for ignored in filters.get("ignore", []):
        yield f"not ({' and '.join(_one_of(key, values) for key, values in ignored.items())})"


def _one_of(key: str, values: list[str | None]) -> str:
    named = [value for value in values if value is not None]
    some = [f"(has({key}) and {key} in {named!r})"] if named else []
    return f"({' or '.join([*some, *([f'not has({key})'] if None in values else [])])})"


def events_of(case: dict[str, Any]) -> list[UsageEvent]:
    kept = {(event["id"], event["time"]): event for event in case["events"]}
    stored_before = case["window"].get("stored_before")
    in_time = [one for one in kept.values() if not stored_before or one.get("stored_at", "") < stored_before]
    level = Decimal(case.get("initial_value", 0))
    events = []
    for one in sorted(in_time, key=lambda event: event["time"]):
        properties = {name: str(value) for name, value in one["properties"].items() if value is not None}
        if _levels(case) and _is_taken(case, properties):
            level += Decimal(properties["value"])
            properties["value"] = f"{level:f}"
        events.append(
            an_event(
                event_id=one["id"],
                occurred_at=parse_instant(one["time"]),
                unique_key=properties.get("value"),
                dimensions=tuple(sorted(properties.items())),
            )
        )
    return events


def _is_taken(case: dict[str, Any], properties: Mapping[str, str]) -> bool:
    match = case.get("filters", {}).get("match", {})
    return all(properties.get(key) in values for key, values in match.items())


def rows_of(events: Iterable[UsageEvent], meter: Meter) -> Iterator[UsageRow]:
    for event in events:
        for measured in measure(event, fingerprint(event), [meter]):
            assert isinstance(measured, Measurement), measured
            yield {
                "delivery": "shardId-000000000000:1:0",
                "source": event.source,
                "id": event.event_id,
                "subject": event.subject,
                "occurred_at": format_instant(event.occurred_at),
                "meter": meter.code,
                "quantity": plain_quantity(measured.quantity),
                "unique_key": event.unique_key,
                "dimensions": measured.dimensions,
                "fingerprint": measured.fingerprint,
                "customer": "acme",
                "aggregation": meter.aggregation.value,
            }


def quantity_in(case: dict[str, Any], period: Period, group: Mapping[str, str] | None = None) -> Decimal | None:
    windows = [
        usage
        for usage in tally(rows_of(events_of(case), meter_of(case)))
        if usage.key.window_start in period and (group is None or dict(usage.key.dimensions) == group)
    ]
    charge = usage_charge(price(PerUnit(Decimal(1))))
    return charged_quantity(windows, charge, period, billing_period=period, opening=list(opening_of(case)))


def opening_of(case: dict[str, Any]) -> Iterator[CarriedLevel]:
    if "initial_value" in case:
        level = Level(
            parse_instant(case["window"]["from"]) - timedelta(days=9), "crm", "before", Decimal(case["initial_value"])
        )
        yield CarriedLevel(meter=USAGE, aggregation=Aggregation.WEIGHTED_SUM, dimensions=(), level=level)


def period_of(case: dict[str, Any]) -> Period:
    start = case["window"]["from"] or "1970-01-01T00:00:00Z"
    return Period(parse_instant(start), parse_instant(case["window"]["to"]))


def named(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in cases]


RUN = [case for case in cases() if not why_not(case)]


@pytest.mark.skipif(not CASES_DIR, reason="U2C_CASES_DIR names no folder of cases")
def test_the_cases_are_there() -> None:
    assert len(RUN) > 20
    assert {case["aggregation"] for case in RUN} == set(OFFERED)


@pytest.mark.parametrize("case", named([case for case in RUN if "value" in case["expected"]]))
def test_a_quantity_is_what_others_say(case: dict[str, Any]) -> None:
    quantity, expected = quantity_in(case, period_of(case)), case["expected"]["value"]

    if expected is None:
        assert quantity is None
        return
    found = quantity or Decimal(0)
    if "expected_decimals" in case:
        found = found.quantize(Decimal(1).scaleb(-case["expected_decimals"]), ROUND_HALF_UP)
    assert found == Decimal(expected)


@pytest.mark.parametrize("case", named([case for case in RUN if "groups" in case["expected"]]))
def test_groups_are_what_others_say(case: dict[str, Any]) -> None:
    expected = [
        ({name: value for name, value in one["group"].items() if value is not None}, Decimal(one["value"]))
        for one in case["expected"]["groups"]
    ]

    assert [(group, quantity_in(case, period_of(case), group)) for group, _ in expected] == expected
    usage = tally(rows_of(events_of(case), meter_of(case)))
    assert len({one.key.dimensions for one in usage}) == len(expected)


@pytest.mark.parametrize("case", named([case for case in RUN if "windows" in case["expected"]]))
def test_days_are_what_others_say(case: dict[str, Any]) -> None:
    days: dict[str, Decimal | None] = defaultdict(lambda: None)
    for one in case["expected"]["windows"]:
        days[one["start"]] = Decimal(one["value"])
    start, end = period_of(case).start, period_of(case).end
    assert end is not None

    for number in range((end - start).days):
        day = Period(start + timedelta(days=number), start + timedelta(days=number + 1))
        assert quantity_in(case, day) == days[f"{day.start:%Y-%m-%dT%H:%M:%SZ}"]


@pytest.mark.parametrize("case", named([case for case in cases() if why_not(case)]))
def test_what_is_not_offered_has_its_reason(case: dict[str, Any]) -> None:
    pytest.skip(why_not(case))
