"""Count the archive again, compare it with the ledger, and hold what does not agree."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.archive.damage import damage_exceptions
from shared.domain.archive.partition import A_DAY, Damage
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.slot_lifetime import is_remembered
from shared.domain.time_period import BillingPeriod, Period
from shared.domain.usage.admission import AcceptanceHorizon
from shared.domain.usage.archive_findings import ArchiveFindings, Hold
from shared.domain.usage.conflicts import Version, conflict_exception, conflict_id
from shared.domain.usage.contract_definition import is_built_in
from shared.domain.usage.known_accounts import KnownAccounts
from shared.domain.usage.measurement import meters_by_event
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.ledger_audit import LedgerAudit
from shared.ports.master_data import MasterData
from shared.ports.usage_holds import UsageHolds
from shared.ports.usage_recount import Recounted, RecountQuestion, UsageRecount

MAX_LOOKS = 2  # late usage that lands between two reads of the ledger looks like a difference, once


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How much was found. Zero of each means that archive and ledger tie.

    `forgotten` periods are so old that the ledger has no ids of them any more; they were not looked at. `damages` are
    of the archive itself.
    """

    conflicts: int = 0
    holds: int = 0
    released: int = 0
    forgotten: int = 0
    damages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveVerifier:
    """Compares what arrived with what was counted.

    `parked_deliveries` is of port ParkedUsage. `seal_grace` is how long after a slice's end its usage may arrive and
    still must be in the ledger.
    """

    tenant: TenantId
    horizon: AcceptanceHorizon
    seal_grace: timedelta
    layout: BucketLayout
    recount: UsageRecount
    ledger: LedgerAudit
    parked_deliveries: Callable[[], Collection[str]]
    master_data: MasterData
    holds: UsageHolds
    reporter: ExceptionReporter
    clock: Clock

    def verify(self, periods: Sequence[BillingPeriod], as_of: datetime) -> Verification:
        """Check the usage of the periods, which must be sealed. Done twice, it finds, holds and reports the same."""
        remembered = [period for period in periods if is_remembered(period.period, as_of)]
        forgotten = len(periods) - len(remembered)
        return replace(self._verify(remembered, as_of) if remembered else Verification(), forgotten=forgotten)

    def _verify(self, periods: Sequence[BillingPeriod], as_of: datetime) -> Verification:
        # Of two runs the one that looked last is right, whichever was due first.
        looked_at = self.clock.now()
        span = Period(min(period.start for period in periods), max(period.end for period in periods))
        self.master_data.version()
        accounts = KnownAccounts(self.master_data.accounts_by_subject, self.master_data.account)
        found = self._look(span, accounts, as_of)

        placed = {*self._conflict_holds(found.conflicts, accounts), *found.findings.holds()}
        for hold in sorted(placed):
            self.holds.place(hold.customer_id, hold.period_name, hold.reason)
        self.reporter.report(
            [
                *(conflict_exception(versions, self.tenant) for versions in found.conflicts),
                *found.findings.exceptions(self.tenant, looked_at),
                *damage_exceptions(found.damages, self.tenant, looked_at),
            ]
        )
        released = self._release_what_ties({period.name for period in periods}, placed, looked_at)
        return Verification(
            conflicts=len(found.conflicts), holds=len(placed), released=released, damages=len(found.damages)
        )

    def _look(self, span: Period, accounts: KnownAccounts, as_of: datetime) -> "_Found":
        question = self._question(span, as_of)
        for _ in range(MAX_LOOKS):
            with self.recount.look(question) as recounted:
                found = _Found(_findings(recounted, accounts), tuple(recounted.conflicts()), recounted.damages)
            if not found.findings:
                break
        accounts.learn(version.event.subject for versions in found.conflicts for version in versions)
        return found

    def _question(self, span: Period, as_of: datetime) -> RecountQuestion:
        """Ask for everything that arrived a horizon around the span.

        A horizon before it too: a repeat with another time may lie there. And up to now, not to when the run was due:
        the ledger has what came meanwhile. A backfill may have come much later than a horizon.
        """
        assert span.end is not None
        first = span.start - self.horizon.past - self.horizon.future
        return RecountQuestion(
            span=span,
            arrived=Period(first, max(span.end + self.horizon.past, as_of + A_DAY)),
            settled_before=span.end + self.seal_grace,
            meters=meters_by_event(self.master_data.meters().values()),
            subjects=self.master_data.accounts_by_subject,
            ledger=self.ledger,
            parked=self.parked_deliveries,
        )

    def _conflict_holds(self, conflicts: Sequence[Sequence[Version]], accounts: KnownAccounts) -> Iterator[Hold]:
        """Hold every customer that one of the contents would bill, in the period it would be billed in.

        Contents that share a home met in the ledger: it counted the first and refused the others. Nothing is in doubt
        then but which one is right, and the exception asks that. Only contents with different homes are all counted.
        """
        for versions in conflicts:
            homes = {self.layout.home(version.event.subject, version.event.occurred_at) for version in versions}
            if len(homes) == 1:
                continue
            reason = conflict_id(versions[0].event)
            for version in versions:
                customer_id = accounts.billed_for(version.event)
                if customer_id is not None:
                    yield Hold(customer_id, accounts.period_name(customer_id, version.event.occurred_at), reason)

    def _release_what_ties(self, period_names: set[str], placed: set[Hold], looked_at: datetime) -> int:
        """Release the holds of earlier recounts that no longer differ, and close their exceptions."""
        released = 0
        still_open = {hold.reason.partition(" ")[0] for hold in placed}
        for period_name in sorted(period_names):
            for customer_id, reasons in self.holds.held(period_name).items():
                for reason in reasons:
                    opened = reason.partition(" ")[0]
                    of_a_recount = opened.startswith(f"{ExceptionCode.ARCHIVE_DOES_NOT_TIE}:")
                    if not of_a_recount or Hold(customer_id, period_name, reason) in placed:
                        continue
                    self.holds.release(customer_id, period_name, reason)
                    released += 1
                    if opened not in still_open:
                        self.reporter.resolve(ExceptionId(opened), "archive and ledger tie again", looked_at)
        return released


@dataclass(frozen=True, slots=True)
class _Found:
    findings: ArchiveFindings
    conflicts: tuple[tuple[Version, ...], ...]
    damages: Sequence[Damage]


def _findings(recounted: Recounted, accounts: KnownAccounts) -> ArchiveFindings:
    findings = ArchiveFindings()
    for difference in recounted.differences():
        customer_id = difference.key.customer_id
        findings.add(customer_id, accounts.period_name(customer_id, difference.key.window_start), str(difference))
    for version in recounted.missing():
        _add(findings, version, _missing(version), accounts)
    for version in recounted.still_counted():
        _add(findings, version, f"delivery {version.delivery} is voided and still counts", accounts)
    return findings


def _add(findings: ArchiveFindings, version: Version, finding: str, accounts: KnownAccounts) -> None:
    accounts.learn([version.event.subject])
    billed_for = accounts.billed_for(version.event)
    if billed_for is None:
        findings.add_unowned(f"subject {version.event.subject}", finding)
    else:
        findings.add(billed_for, accounts.period_name(billed_for, version.event.occurred_at), finding)


def _missing(version: Version) -> str:
    """Say what to do where the contracts may have become known only after ingest had judged."""
    finding = f"delivery {version.delivery} is not in the ledger"
    contract = version.event.contract
    if is_built_in(contract):
        return finding
    return f"{finding}: if it was quarantined before contract {contract} was published, replay it"
