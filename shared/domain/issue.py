"""The one shape of "something is wrong with this": a stable code, where, how bad, in words."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    CRITICAL = "critical"  # stops what it is about
    WARNING = "warning"  # is shown, stops nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One fault among possibly many. `path` points into the thing, e.g. "lines[2].amount" or "customers.yaml:14"."""

    severity: Severity
    code: str
    message: str
    path: str = ""
