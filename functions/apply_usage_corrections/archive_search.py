"""Find in the archive what the ledger has counted: one sweep for all that is asked for, over as few days as will do."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from shared.domain.archive.delivery import Judge, JudgedDelivery
from shared.domain.archive.partition import A_DAY, days_of
from shared.domain.metering.bookings import Bookings, is_shared
from shared.domain.metering.bucket_logs import BucketLogs
from shared.domain.metering.layout import WINDOW, BucketLayout
from shared.domain.metering.meter import SUMS
from shared.domain.metering.tally import MINUTE_TEXT, UsageRow, window_start
from shared.domain.time_period import Period, format_instant
from shared.domain.usage.admission import AcceptanceHorizon
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import fingerprint, plain_quantity
from shared.domain.usage.known_accounts import KnownAccounts
from shared.domain.usage.measurement import Measurement, MetersByEvent, measure
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.usage_archive import UsageArchive


@dataclass(slots=True)
class Wanted:
    """What a bucket's voids need of the archive: the events that they name, and all others of some windows.

    Such windows must be stated anew, or tell who was billed. `fingerprints` (hex) are those that the ledger has counted
    of the events, `rows` what was found, by fingerprint.
    """

    logs: BucketLogs
    events: frozenset[tuple[str, str]]
    fingerprints: frozenset[str]
    windows: frozenset[datetime]
    arrivals: Period
    rows: dict[str, UsageRow] = field(default_factory=dict)

    @property
    def is_found(self) -> bool:
        if not self.fingerprints <= self.rows.keys():
            return False
        bookings = Bookings(self.logs, self.rows.values())
        if any(bookings.place(self.rows[whole]) is None for whole in self.fingerprints):
            return False
        return all(self._not_summed(bookings, start) == self.logs.not_summed(start) for start in self.windows)

    def _not_summed(self, bookings: Bookings, start: datetime) -> int:
        places = (
            bookings.place(row)
            for whole, row in self.rows.items()
            if self.logs.counts(whole) and window_start(row["occurred_at"][:MINUTE_TEXT]) == start
        )
        return sum(place is not None and place[1] not in SUMS for place in places)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSearch:
    """Reads raw records as ingest does, a day of arrivals at a time, until all that is wanted is found.

    What is not there may have come by a backfill, however late: of the days after the horizon, those alone are read.
    """

    archive: UsageArchive
    judge: Judge
    horizon: AcceptanceHorizon
    layout: BucketLayout
    meters: MetersByEvent
    accounts: KnownAccounts

    def arrivals_of(self, times: Iterable[datetime]) -> Period:
        """Return when usage of these times, and of their windows, may have arrived but for backfills."""
        times = list(times)
        first, last = min(times) - WINDOW, max(times) + WINDOW
        return Period(first - self.horizon.future, last + self.horizon.past)

    def find(self, wanted: Sequence[Wanted], now: datetime) -> None:
        """Look for what is wanted, up to what has arrived by now (UTC); whatever is not there stays not found."""
        for day in sorted({day for one in wanted for day in days_of(one.arrivals)}):
            start = datetime.combine(day, time(), UTC)
            asking = [one for one in wanted if day in days_of(one.arrivals) and not one.is_found]
            if asking and start <= now:
                self._look(self.archive.read(Period(start, start + A_DAY)), asking)
        missing = [one for one in wanted if not one.is_found]
        after = min((one.arrivals.start for one in missing), default=now)
        if after < now:
            self._look(self.archive.read_backfills(Period(after, now)), missing)

    def _look(self, records: Iterable[StreamRecord], asking: Sequence[Wanted]) -> None:
        named = {event for one in asking for event in one.events}
        windows = {start for one in asking for start in one.windows}
        of_bucket = {one.logs.bucket: one for one in asking}
        for judged in self.judge(records):
            event = judged.verdict
            if not isinstance(event, UsageEvent):
                continue
            if _window_of(event.occurred_at) in windows or (event.source, event.event_id) in named:
                home = of_bucket.get(self.layout.home(event.subject, event.occurred_at))
                if home is not None:
                    home.rows.update((row["fingerprint"], row) for row in self._rows(judged, event))

    def _rows(self, judged: JudgedDelivery, event: UsageEvent) -> Iterator[UsageRow]:
        """Yield what the meters make of an event now, billed to whoever pays now."""
        self.accounts.learn([event.subject])
        for measured in measure(event, fingerprint(event), self.meters.get(event.meter, ())):
            if isinstance(measured, Measurement):
                yield {
                    "delivery": str(judged.delivery),
                    "source": event.source,
                    "id": event.event_id,
                    "subject": event.subject,
                    "occurred_at": format_instant(event.occurred_at),
                    "meter": measured.meter.code,
                    "quantity": plain_quantity(measured.quantity),
                    "unique_key": event.unique_key,
                    "dimensions": measured.dimensions,
                    "fingerprint": measured.fingerprint,
                    "customer": self.accounts.billed_for(event) or "",
                    "aggregation": measured.meter.aggregation.value,
                }


def windows_needed(logs: BucketLogs, counted: Iterable[tuple[datetime, str]]) -> frozenset[datetime]:
    """Return of which windows all events are needed, given when events were and by which fingerprints they count.

    They are those that hold something that is no sum, and those in which several customers may have been billed.
    """
    starts = {(_window_of(time), fingerprint) for time, fingerprint in counted}
    return frozenset(start for start, whole in starts if logs.not_summed(start) or is_shared(logs, whole, start))


def _window_of(instant: datetime) -> datetime:
    return window_start(format_instant(instant)[:MINUTE_TEXT])
