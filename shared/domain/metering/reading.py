"""What an invoice has read from the ledger, and the immutable manifest that says so."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.metering.aggregate import WindowUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageManifest:
    """Which slots a rating read. A re-run with the same manifest reads the same usage, so it changes nothing.

    `sealed` pairs each slice start (UTC) with the number of its seal; `late` pairs a slice start with the last slot
    read of its late log. `digest` is the hash of both.
    """

    layout_version: int
    group: int
    sealed: tuple[tuple[datetime, int], ...]
    late: tuple[tuple[datetime, int], ...]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReading:
    """The usage of one customer in one period at the charge's finest grain, with the manifest of the read."""

    windows: tuple[WindowUsage, ...]
    manifest: UsageManifest
