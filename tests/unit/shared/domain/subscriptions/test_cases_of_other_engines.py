"""Proration that other billing engines assert in their own tests, held against ours, one mapping per kind.

Two rules differ, and are translated. Where others count the last day of a period, it ends on the next day here; and
where they round a share before they multiply, here nothing is rounded but the line. What is not offered is named with
its reason below. Calendars are in the module beside this one.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from shared.domain.money import Money, currency
from shared.domain.subscriptions.anniversary import Anniversary
from shared.domain.subscriptions.proration import Proration, Share, share_of
from shared.domain.time_period import Period, local_midnight, parse_instant
from tests.unit.shared.domain.subscriptions import test_calendar_cases_of_other_engines as calendar
from tests.unit.shared.domain.subscriptions.other_engines import Case, Inputs, day, every_case

UTC = ZoneInfo("UTC")
DAY = timedelta(days=1)

INSIDE_A_DAY = "boundaries are local midnights; nothing starts at an hour of its own"
FIXED_MONTHS = "a month has the days that it has: months of 30 days make 31 shares of one, or 28"
NOT_BEYOND = "a part lies within its billing period, and is not empty: there is no share of any other"
NONE_IS_NONE = "proration none charges whole periods only, not a part in full"
CREDIT = "a credit is what is final less what was billed: it cannot come to more than was billed"
YEARLY = "a fee is that of its billing period: there is none of 365 days in a month"

NOT_OFFERED = {
    "credit_cap": CREDIT,
    "advance_days": INSIDE_A_DAY,
    "time_of_day_contains": INSIDE_A_DAY,
}


def why_not(case: Case) -> str:  # noqa: PLR0911 - one reason each
    """Return why a case is not run, or nothing."""
    inputs = case["inputs"]
    if case["kind"] in NOT_OFFERED:
        return NOT_OFFERED[case["kind"]]
    if inputs.get("fixed_days_in_month"):
        return FIXED_MONTHS
    if inputs.get("enabled") is False:
        return NONE_IS_NONE
    if case["kind"] == "floor" and inputs["unit"] != "day":
        return INSIDE_A_DAY
    if any(item["interval"] == "year" for item in inputs.get("items", ())):
        return YEARLY
    if "service_period" in inputs and not _lies_within(inputs["service_period"], inputs["full_period"]):
        return NOT_BEYOND
    return ""


def _lies_within(part: dict[str, str], whole: dict[str, str]) -> bool:
    return whole["from"] <= part["from"] <= part["to"] <= whole["to"] and part["from"] < whole["to"]


def instants(period: dict[str, str], convention: str) -> Period:
    """Return a period as half-open instants; one that counts its last day ends a day later."""
    start, end = (
        local_midnight(day(text), UTC) if len(text) == 10 else parse_instant(text) for text in period.values()
    )
    return Period(start, end + DAY if convention == "days_inclusive_both_ends" else end)


def proration_of(inputs: Inputs) -> Proration:
    return Proration.SECONDS if inputs["convention"] in {"seconds", "duration_ratio"} else Proration.DAYS


def share_in(inputs: Inputs, part: dict[str, str], whole: dict[str, str]) -> Share | None:
    convention = inputs["convention"]
    return share_of(instants(part, convention), instants(whole, convention), proration_of(inputs), UTC)


def prorated(amount: str, share: Share | None) -> Decimal:
    return share.of(Decimal(amount)) if share else Decimal(amount)


def rounded(amount: Decimal, code: str = "EUR") -> Decimal:
    return Money(amount, currency(code)).rounded().amount


def prorated_amount(case: Case) -> None:
    inputs = case["inputs"]
    share = share_in(inputs, inputs["service_period"], inputs["full_period"])
    exact = prorated(inputs["amount"], share) * inputs.get("sign", 1)
    amount = exact.quantize(Decimal(1).scaleb(-inputs["precision"]), ROUND_HALF_UP)
    if "tax_percent" in inputs:
        amount += rounded(amount * Decimal(inputs["tax_percent"]) / 100)

    assert amount == Decimal(case["expected"]["amount"])


def prorated_ratio(case: Case) -> None:
    inputs, expected = case["inputs"], case["expected"]["ratio"]
    share = share_in(inputs, inputs["service_period"], inputs["full_period"])

    assert (share.fraction if share else None) == (Fraction(expected) if expected else None)


def prorated_fraction(case: Case) -> None:
    inputs = case["inputs"]
    start, end = day(inputs["service"]["from"]), day(inputs["service"]["to"])
    month = Anniversary.on(start if inputs["anchor_side"] == "start" else end)
    number = 0 if inputs["anchor_side"] == "start" else -1
    fraction = calendar.share_of_days((start, end), (month.boundary(number), month.boundary(number + 1)))
    places = Decimal(1).scaleb(-inputs["fraction_decimals"])

    assert (Decimal(fraction.numerator) / fraction.denominator).quantize(places, ROUND_HALF_UP) == Decimal(
        case["expected"]["fraction"]
    )


def mid_period_change(case: Case) -> None:
    inputs, expected = case["inputs"], case["expected"]
    left = share_in(inputs, {"from": inputs["change_at"], "to": inputs["period"]["to"]}, inputs["period"])
    credit = rounded(-prorated(_price(inputs.get("old")), left))
    charge = rounded(prorated(_price(inputs.get("new")), left))
    found = {"credit": credit, "charge": charge, "net": credit + charge}

    assert {name: found[name] for name in expected} == {name: Decimal(text) for name, text in expected.items()}


def _price(item: dict[str, str] | None) -> str:
    return str(Decimal(item["unit_amount"]) * Decimal(item["quantity"])) if item else "0"


def mid_period_changes(case: Case) -> None:
    inputs, lines = case["inputs"], []
    if inputs["change_at"] < inputs["period"]["to"]:
        left = share_in(inputs, {"from": inputs["change_at"], "to": inputs["period"]["to"]}, inputs["period"])
        for item in inputs["items"]:
            amount = rounded(prorated(item["amount"], None if item["interval"] == "one_time" else left))
            lines.append(-amount if item["op"] == "remove" else amount)

    assert lines == [Decimal(line) for line in case["expected"]["lines"]]
    assert sum(lines) == Decimal(case["expected"]["net"])


def invoice_net(case: Case) -> None:
    inputs = case["inputs"]
    lines = [
        rounded(prorated(part["amount"], share_in(inputs, part["service_period"], part["full_period"]))) * part["sign"]
        for part in inputs["parts"]
    ]

    assert sum(lines) == Decimal(case["expected"]["amount"])


def day_count(case: Case) -> None:
    """Count the days of instants as they are written: those of a customer in UTC."""
    start, end = (parse_instant(case["inputs"][key]) for key in ("from", "to"))
    whole = Period(local_midnight(start.date(), UTC), local_midnight(end.date() + DAY, UTC))
    share = share_of(Period(start, end), whole, Proration.DAYS, UTC)

    assert share is not None
    assert share.part == case["expected"]["days"]


def floor(case: Case) -> None:
    zone = ZoneInfo(case["inputs"]["timezone"])
    midnight = local_midnight(parse_instant(case["inputs"]["at"]).astimezone(zone).date(), zone)

    assert midnight == parse_instant(case["expected"]["date"])


KINDS: dict[str, Callable[[Case], None]] = {
    "prorated_amount": prorated_amount,
    "prorated_ratio": prorated_ratio,
    "prorated_fraction": prorated_fraction,
    "mid_period_change": mid_period_change,
    "mid_period_changes": mid_period_changes,
    "invoice_net": invoice_net,
    "day_count": day_count,
    "floor": floor,
}
HERE = [one for one in every_case() if one["kind"] not in calendar.KINDS]


@pytest.mark.parametrize("case", HERE, ids=lambda case: case["id"])
def test_a_case_of_another_engine(case: Case) -> None:
    if reason := why_not(case):
        pytest.skip(reason)
    KINDS[case["kind"]](case)


@pytest.mark.skipif(not every_case(), reason="U2C_CASES_DIR names no folder of cases")
def test_most_cases_are_run() -> None:
    left_out = [one for one in HERE if why_not(one)]
    of_the_calendar = [one for one in every_case() if one["kind"] in calendar.KINDS and calendar.why_not(one)]

    assert len(left_out) + len(of_the_calendar) < len(every_case()) / 5
