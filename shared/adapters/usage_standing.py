"""What has become of usage, by the logs of the ledger and what is parked (port UsageStanding)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.metering.layout import Bucket, BucketLayout
from shared.domain.metering.log_view import IDENTITY_DIGITS, LogView, LogViews
from shared.domain.metering.slot import Log
from shared.domain.metering.slot_lifetime import is_forgotten
from shared.domain.time_period import Period
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.fingerprint import measurement_fingerprint
from shared.domain.usage.measurement import MetersByEvent, measure, meters_by_event
from shared.domain.usage.parked import waiting_name
from shared.domain.usage.standing import Standing
from shared.ports.master_data import MasterData
from shared.ports.metering_ledger import MeteringLedger
from shared.ports.parked_usage import ParkedUsage

MOST_IDS_REMEMBERED = 1_000_000
_INSTANT = timedelta(microseconds=1)


class LedgerStanding:
    """Asks the logs of those buckets only that the usage lives in, of a log known already for its tail."""

    def __init__(
        self, logs: MeteringLedger, layout: BucketLayout, master_data: MasterData, parked: ParkedUsage
    ) -> None:
        self._logs = logs
        self._layout = layout
        self._master_data = master_data
        self._parked = parked
        self._views = LogViews(MOST_IDS_REMEMBERED)

    def of(self, usage: Sequence[AcceptedUsage], now: datetime) -> Sequence[Standing]:
        self._master_data.version()
        meters = meters_by_event(self._master_data.meters().values())
        homes = [self._layout.home(one.event.subject, one.event.occurred_at) for one in usage]
        counted = {home: self._counted(home) for home in set(homes) if not is_forgotten(home.slice_start, now)}
        in_ledger = [
            _in_ledger(_parts(one, meters), counted[home]) if home in counted else Standing.FORGOTTEN
            for one, home in zip(usage, homes, strict=True)
        ]
        self._views.trim()
        lacking = [one for one, found in zip(usage, in_ledger, strict=True) if not isinstance(found, Standing)]
        waiting = self._waiting(lacking, meters)
        return [found if isinstance(found, Standing) else _beside_ledger(found, waiting) for found in in_ledger]

    def _counted(self, bucket: Bucket) -> Sequence[Mapping[str, str]]:
        return [self._view(Log(bucket, late=late)).counted for late in (False, True)]

    def _view(self, log: Log) -> LogView:
        view = self._views.find(log) or LogView()
        view.absorb(self._logs.tail(log, after=view.last))
        self._views.keep(log, view)
        return view

    def _waiting(self, usage: Sequence[AcceptedUsage], meters: MetersByEvent) -> Collection[str]:
        """Return the names of what waits of some subjects and meters, around the times of some usage."""
        times: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
        for one in usage:
            names = {one.event.meter, *(meter.code for meter in meters.get(one.event.meter, ()))}
            for name in names:
                times[one.event.subject, name].append(one.event.occurred_at)
        groups = [opened.group for opened in self._parked.open_groups()] if times else []
        return {
            event.name
            for group in groups
            if (found := times.get((group.subject, group.meter)))
            for event in self._parked.parked(group, Period(min(found), max(found) + _INSTANT))
        }


@dataclass(frozen=True, slots=True)
class _Part:
    """What one meter measures of an event, and the names under which it would wait: as such, or with the whole."""

    fingerprint: str
    names: tuple[str, ...]


def _parts(usage: AcceptedUsage, meters: MetersByEvent) -> Sequence[_Part]:
    of_event = meters.get(usage.event.meter, ())
    if not of_event:
        return [_Part(usage.fingerprint, (waiting_name(usage.delivery, None),))]
    return [
        _Part(
            measurement_fingerprint(usage.event, usage.fingerprint, one.meter.code),
            (waiting_name(usage.delivery, None), waiting_name(usage.delivery, one.meter.code)),
        )
        for one in measure(usage.event, usage.fingerprint, of_event)
    ]


def _in_ledger(parts: Sequence[_Part], counted: Sequence[Mapping[str, str]]) -> Standing | Sequence[_Part]:
    """Return what the ledger tells by itself, else the parts that it lacks."""
    lacking = []
    for part in parts:
        identity = part.fingerprint[:IDENTITY_DIGITS]
        known = next((log[identity] for log in counted if identity in log), None)
        if known is None:
            lacking.append(part)
        elif known != part.fingerprint:
            return Standing.CONFLICTING
    return lacking or Standing.KNOWN


def _beside_ledger(lacking: Sequence[_Part], waiting: Collection[str]) -> Standing:
    if all(any(name in waiting for name in part.names) for part in lacking):
        return Standing.KNOWN
    return Standing.NEW
