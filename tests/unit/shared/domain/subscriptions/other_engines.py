"""Cases that other billing engines assert in their own tests, as U2C_CASES_DIR has them; none without it."""

import json
import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from shared.domain.subscriptions.anniversary import Anniversary
from shared.domain.time_period import parse_instant

Case: TypeAlias = dict[str, Any]
Inputs: TypeAlias = Mapping[str, Any]

MONTHS_OF = {
    "month": 1,
    "quarter": 3,
    "half_year": 6,
    "year": 12,
    "monthly": 1,
    "quarterly": 3,
    "annual": 12,
}
NOT_WHOLE_MONTHS = "a billing interval is whole months: weeks and days fit no accounting period"


def every_case() -> list[Case]:
    folder = os.environ.get("U2C_CASES_DIR", "")
    if not folder:
        return []
    cases: list[Case] = json.loads((Path(folder) / "proration_cases.json").read_text())
    return cases


def months(inputs: Inputs) -> int:
    """Return the billing interval in months; 0 when it is none."""
    one = MONTHS_OF.get(inputs.get("interval") or inputs.get("billing_period") or inputs.get("unit") or "", 0)
    return one * int(inputs.get("interval_count", 1))


def zone_of(inputs: Inputs) -> ZoneInfo:
    return ZoneInfo(inputs["timezone"])


def day(text: str) -> date:
    return date.fromisoformat(text[:10])


def local_day(text: str, inputs: Inputs) -> date:
    return parse_instant(text).astimezone(zone_of(inputs)).date()


def utc(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def on_anchor(inputs: Inputs) -> Anniversary:
    return Anniversary.on(local_day(inputs["anchor"], inputs), every_months=months(inputs))


def of_the_year(inputs: Inputs) -> Anniversary:
    """Return calendar periods: months, quarters, half-years and years, all counted from January."""
    return Anniversary(date(2000, 1, 1), 1, months(inputs))
