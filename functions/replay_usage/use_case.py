"""Read the archive page by page, judge it by the contracts of today, publish what is new, remember how far it came."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from shared.domain.archive.delivery import Judge, JudgedDelivery
from shared.domain.exception_record import ExceptionCode, ExceptionRecord
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import Bucket
from shared.domain.replay.progress import ReplayCounts, ReplayProgress
from shared.domain.replay.request import ReplayRequest
from shared.domain.replay.sorting import SortedOut, admitted, sort_out, voids_among
from shared.domain.resolution import Resolution
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.rejection import REFUSALS
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.archive_pages import ArchivePages
from shared.ports.clock import Clock
from shared.ports.exception_store import ExceptionStore
from shared.ports.exceptions import ExceptionReporter
from shared.ports.master_data import MasterData
from shared.ports.replays import Replays
from shared.ports.usage_corrections import FiledVoids
from shared.ports.usage_standing import UsageStanding
from shared.ports.usage_stream import AcceptedUsageStream

MOST_PAGES_A_RUN = 20  # within the function's time-out; the rest is for the next run


class StillArrivingError(ValueError):
    """The period of arrival has not ended: what arrives after the replay would be left out without a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReplayer:
    """`judge` is ingest's own, with the contracts that are published now; `home` gives an event's bucket."""

    tenant: TenantId
    judge: Judge
    home: Callable[[str, datetime], Bucket]
    archive: ArchivePages
    standing: UsageStanding
    master_data: MasterData
    corrections: FiledVoids
    accepted_usage: AcceptedUsageStream
    exceptions: ExceptionStore
    reporter: ExceptionReporter
    replays: Replays
    clock: Clock
    tell: Callable[[ReplayProgress], None]
    most_pages: int = MOST_PAGES_A_RUN

    def replay(self, request: ReplayRequest) -> ReplayProgress:
        """Go on with a replay from where it was left, as far as one run may; return how far it came.

        A page is published before its exceptions are closed, and both before it counts as done. Stopped anywhere and
        done again, a page repeats deliveries that the ledger counts once; its counts are those of the last time.
        Raises StillArrivingError, and OtherReplayError for an id that was used for something else.
        """
        now = self.clock.now()
        if request.arrived.end is None or request.arrived.end > now:
            raise StillArrivingError(f"usage of {request.arrived} may arrive after {now}")
        progress = self.replays.begin(request, now)
        if progress.finished:
            return progress
        pages = 0
        for page in islice(self.archive.pages(request.arrived, progress.mark), self.most_pages):
            reached = progress.past(page.mark, self._replay_page(page.records, request))
            if not self.replays.advance(request.replay_id, progress, reached, self.clock.now()):
                return self.replays.begin(request, now)  # another run has this page, and goes on
            progress = reached
            pages += 1
            self.tell(progress)
        if pages == self.most_pages:
            return progress
        finished = replace(progress, finished=True)
        self.replays.advance(request.replay_id, progress, finished, self.clock.now())
        return self.replays.begin(request, now)

    def _replay_page(self, records: Sequence[StreamRecord], request: ReplayRequest) -> ReplayCounts:
        told = self._told(records)
        chosen = self._chosen(list(self.judge(records)), told, request)
        now = self.clock.now()
        usage = admitted(chosen, lambda subject, used_at: self.home(subject, used_at).group)
        standing = zip(usage, self.standing.of(usage, now), strict=True)
        sorted_out = sort_out(chosen, list(standing), told, tenant=self.tenant)
        if not request.dry_run:
            if voids := voids_among(chosen, self.home):
                self.corrections.file(voids)
            self._carry_out(sorted_out, request.replay_id, now)
        return sorted_out.counts

    def _carry_out(self, sorted_out: SortedOut, replay_id: str, now: datetime) -> None:
        self.accepted_usage.publish_accepted(sorted_out.to_publish)
        self.reporter.report(sorted_out.refused)
        for exception_id in sorted_out.settled:
            self.exceptions.resolve(
                Resolution(
                    exception_id=exception_id,
                    tenant=self.tenant,
                    resolution=f"judged again by replay {replay_id}",
                    resolved_at=now,
                )
            )

    def _told(self, records: Sequence[StreamRecord]) -> Mapping[Delivery, Sequence[ExceptionRecord]]:
        """Return what was told of the records' deliveries when they were refused."""
        first, last = _subjects_of(records)
        told: defaultdict[Delivery, list[ExceptionRecord]] = defaultdict(list)
        for code in REFUSALS:
            for record in self.exceptions.between(code, first, last):
                told[Delivery.parse(record.subject)].append(record)
        return told

    def _chosen(
        self,
        judged: Sequence[JudgedDelivery],
        told: Mapping[Delivery, Sequence[ExceptionRecord]],
        request: ReplayRequest,
    ) -> Sequence[JudgedDelivery]:
        self.master_data.version()
        names = {one.verdict.subject for one in judged if isinstance(one.verdict, UsageEvent)}
        subjects = self.master_data.accounts_by_subject(names) if request.narrowed.customer else {}

        def takes(one: JudgedDelivery) -> bool:
            codes: Sequence[ExceptionCode] = [record.code for record in told.get(one.delivery, ())]
            subject = subjects.get(one.verdict.subject) if isinstance(one.verdict, UsageEvent) else None
            return request.narrowed.takes(one, codes, subject)

        return [one for one in judged if takes(one)]


def _subjects_of(records: Sequence[StreamRecord]) -> tuple[str, str]:
    """Return the bounds, as text sorts, of what the exceptions of these records' deliveries are about."""
    shard, first, last = records[0].shard_id, records[0].sequence_number, records[-1].sequence_number
    if len(first) == len(last):
        return f"{shard}:{first}:", f"{shard}:{last}:~"
    return f"{shard}:", f"{shard}:~"  # numbers of different lengths do not sort as text
