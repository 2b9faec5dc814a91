"""Archive each part of a backfill as if it arrived now, judge it, and publish what is admitted and new."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from shared.domain.archive.delivery import Judge
from shared.domain.backfill.backfill import Backfill, BackfillState, Decision, Part
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import Bucket
from shared.domain.replay.progress import ReplayCounts
from shared.domain.replay.sorting import admitted, sort_out, voids_among
from shared.domain.usage.standing import Standing
from shared.ports.backfills import BackfillError, BackfillParts, Backfills
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.usage_archive import UsageArchive
from shared.ports.usage_corrections import FiledVoids
from shared.ports.usage_standing import UsageStanding
from shared.ports.usage_stream import AcceptedUsageStream

MOST_PARTS_A_RUN = 40  # within the function's time-out; the rest is for the next run


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillCloser:
    """`judge` is ingest's own, `home` gives an event's bucket in the ledger by its subject and time."""

    tenant: TenantId
    judge: Judge
    home: Callable[[str, datetime], Bucket]
    backfills: Backfills
    parts: BackfillParts
    archive: UsageArchive
    standing: UsageStanding
    corrections: FiledVoids
    accepted_usage: AcceptedUsageStream
    reporter: ExceptionReporter
    clock: Clock
    tell: Callable[[Backfill], None]
    most_parts: int = MOST_PARTS_A_RUN

    def close(self, backfill_id: str, closed_by: str) -> Backfill:
        """Go on with closing as far as one run may, and return the backfill as it is then.

        A part is archived, then published, then counts as done: what the ledger gets, a recount finds. Stopped
        anywhere and done again, a part repeats deliveries that archive and ledger know once. Raises BackfillError for
        one that is reverted, or opened so long ago that its parts may be gone.
        """
        now = self.clock.now()
        known = self.backfills.read(backfill_id)
        if known.is_too_old(now) and known.state is not BackfillState.CLOSED:
            raise BackfillError(f"backfill {backfill_id} was opened at {known.opened.at}: load it into a new one")
        backfill = self.backfills.begin_closing(backfill_id, Decision(by=closed_by, at=now))
        if backfill.progress.finished:
            return backfill
        done = 0
        for part in islice(self.backfills.parts(backfill_id, backfill.progress.mark), self.most_parts):
            reached = backfill.progress.past(part.name, self._close_part(backfill, part))
            if not self.backfills.advance(backfill_id, backfill.progress, reached):
                return self.backfills.read(backfill_id)  # another run has this part, and goes on
            backfill = replace(backfill, progress=reached)
            done += 1
            self.tell(backfill)
        if done < self.most_parts:
            self.backfills.advance(backfill_id, backfill.progress, replace(backfill.progress, finished=True))
        return self.backfills.read(backfill_id)

    def _close_part(self, backfill: Backfill, part: Part) -> ReplayCounts:
        assert backfill.ended is not None
        data = self.parts.load(backfill.backfill_id, part)
        record = part.record(backfill.backfill_id, data, backfill.ended.at)
        self.archive.write([record])
        judged = list(self.judge([record]))
        usage = admitted(judged, lambda subject, used_at: self.home(subject, used_at).group)
        standing = list(zip(usage, self.standing.of(usage, self.clock.now()), strict=True))
        sorted_out = sort_out(judged, standing, {}, tenant=self.tenant)
        if voids := voids_among(judged, self.home):
            self.corrections.file(voids)
        # What the ledger has forgotten, too: it refuses that by its delivery, so that a person hears of it.
        self.accepted_usage.publish_accepted([one for one, known in standing if known is not Standing.KNOWN])
        self.reporter.report(sorted_out.refused)
        return sorted_out.counts
