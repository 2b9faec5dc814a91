"""Dates of price book and tax rates mean the day of each customer's own calendar, whatever its zone."""

from datetime import UTC, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

NOON = time(12)


def effective_day(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the start of the local day of `instant` as dates of the price book are written: midnight UTC."""
    return datetime.combine(instant.astimezone(zone).date(), time(), UTC)


@lru_cache(maxsize=10_000)  # all contracts of a billing period ask for its first and last day
def effective_instant(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant at which to look up a price or rate for what happens at `instant` in a customer's zone.

    It is noon UTC of the local day. A dated price starts at midnight UTC of its date: so looked up, it is in force
    from the first to the last minute of that day in India as in California, and a month has one price everywhere.
    """
    return datetime.combine(instant.astimezone(zone).date(), NOON, UTC)
