"""Look at every claim once it is settled, and again for as long as somebody is told that it does not hold."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from shared.domain.exception_record import ExceptionRecord
from shared.domain.identifiers import TenantId
from shared.domain.producers.claims import Claims, Mismatch, SourceDay
from shared.domain.producers.findings import CODES, day_of, exceptions_of
from shared.domain.producers.producer import Completeness
from shared.domain.time_period import Period
from shared.domain.usage.admission import AcceptanceHorizon
from shared.ports.closing_progress import ClosingProgress
from shared.ports.exception_store import ExceptionStore
from shared.ports.exceptions import ExceptionReporter
from shared.ports.master_data import MasterData
from shared.ports.sent_usage import SentUsage
from shared.ports.verified_claims import VerifiedClaims

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How many days of sources were looked at, how many exceptions are open now, and how many were closed."""

    days: int = 0
    exceptions: int = 0
    resolved: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducerCountVerifier:
    """Verifies the sources that promised heartbeats. Done twice, it finds, reports and closes the same.

    A claim is settled when its day of arrival is over and all stages have passed it: then the archive has whatever was
    sent before the heartbeat was, on whichever shard.
    """

    tenant: TenantId
    horizon: AcceptanceHorizon
    master_data: MasterData
    closing: ClosingProgress
    verified: VerifiedClaims
    sent: SentUsage
    exceptions: ExceptionStore
    reporter: ExceptionReporter

    def verify(self, now: datetime) -> Verification:
        """Look at the claims that have settled since the last time, and at those that did not hold. `now` is UTC."""
        complete_until = self.closing.state().barrier.complete_until
        if complete_until is None:
            return Verification()
        settled_before = min(_midnight(now.date()), complete_until)
        self.master_data.version()
        owners = {
            producer.source: producer.owner
            for producer in self.master_data.producers()
            if producer.completeness is Completeness.HEARTBEAT
        }
        told = [record for code in CODES for record in self.exceptions.open_records(code)]
        days = self._days(owners, told, settled_before, now)
        found = list(exceptions_of(self._mismatches(days, settled_before, now), owners, self.tenant, now))
        self.reporter.report(found)
        resolved = self._resolve(told, owners, days, found, now)
        self.verified.remember(settled_before)
        return Verification(days=len(days), exceptions=len(found), resolved=resolved)

    def _days(
        self, owners: Collection[str], told: Collection[ExceptionRecord], settled_before: datetime, now: datetime
    ) -> set[SourceDay]:
        """Return the days to look at: of claims that have settled since, and of exceptions that are not too old."""
        oldest = now - self.horizon.past
        days = {day for day in map(day_of, told) if day.source in owners and _midnight(day.day) >= oldest}
        since = max(self.verified.until() or oldest, oldest)
        if owners and since < settled_before:
            with self.sent.look(Period(since, settled_before)) as look:
                days |= {claim.period.day for claim in look.claims() if claim.period.source in owners}
        return days

    def _mismatches(self, days: Collection[SourceDay], settled_before: datetime, now: datetime) -> list[Mismatch]:
        """Hold all claims of the days against the events of the same times.

        Neither arrived before the day began by more than clocks differ: what says otherwise was refused. Claims of the
        days beside may overlap those of the day.
        """
        if not days:
            return []
        near = {SourceDay(day.source, day.day + beside * A_DAY) for day in days for beside in (-1, 0, 1)}
        first = min(_midnight(day.day) for day in near) - self.horizon.future
        claims = Claims()
        with self.sent.look(Period(first, now)) as look:
            for claim in look.claims():
                if claim.period.day in near and claim.arrived_at < settled_before:
                    claims.add(claim)
            here = look.events(list(claims.periods()))
        return [found for found in claims.mismatches(here, settled_before) if found.period.day in days]

    def _resolve(
        self,
        told: Collection[ExceptionRecord],
        owners: Mapping[str, str],
        days: Collection[SourceDay],
        found: Collection[ExceptionRecord],
        now: datetime,
    ) -> int:
        still = {record.exception_id for record in found}
        resolved = 0
        for record in told:
            day = day_of(record)
            if day.source not in owners:
                self.reporter.resolve(record.exception_id, "the source promises no heartbeats any more", now)
            elif day in days and record.exception_id not in still:
                self.reporter.resolve(record.exception_id, "what was claimed is here", now)
            else:
                continue
            resolved += 1
        return resolved


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
