"""Dates as the ERP has them: noon UTC, whatever the zone of the entity; 1900 is none."""

from datetime import date


def at_noon(day: date) -> str:
    return f"{day.isoformat()}T12:00:00Z"


def at_midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def day_of(text: str) -> date:
    """Read a date; raises ValueError."""
    return date.fromisoformat(text[:10])


def month_of(text: str) -> str:
    return day_of(text).strftime("%Y-%m")
