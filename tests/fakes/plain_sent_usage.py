"""What sources claim and what of it is here, in plain Python (port SentUsage): the oracle of the one in SQL."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from shared.domain.archive.delivery import Judge, JudgedDelivery
from shared.domain.producers.claims import Claim, ClaimedPeriod
from shared.domain.time_period import Period
from shared.domain.usage.correction import UsageVoid
from shared.domain.usage.heartbeat import Heartbeat
from shared.ports.usage_archive import UsageArchive


@dataclass(frozen=True, slots=True)
class PlainSentUsage:
    archive: UsageArchive
    judge: Judge

    @contextmanager
    def look(self, arrived: Period) -> Iterator["_PlainLook"]:
        yield _PlainLook(tuple(self.judge(self.archive.read(arrived))))


@dataclass(frozen=True, slots=True)
class _PlainLook:
    deliveries: tuple[JudgedDelivery, ...]

    def claims(self) -> Iterator[Claim]:
        for judged in self.deliveries:
            match judged.verdict:
                case Heartbeat(source=source, claimed=Period(start, datetime() as end), sender=sender, events=events):
                    yield Claim(ClaimedPeriod(source, start, end), sender, events, judged.arrived_at)

    def events(self, periods: Collection[ClaimedPeriod]) -> Mapping[ClaimedPeriod, int]:
        return {period: len(set(self._ids(period))) for period in periods}

    def _ids(self, period: ClaimedPeriod) -> Iterator[str]:
        for verdict in (judged.verdict for judged in self.deliveries):
            if isinstance(verdict, Heartbeat | UsageVoid) or verdict.source != period.source:
                continue
            sent_at = verdict.occurred_at
            if verdict.event_id and sent_at is not None and period.start <= sent_at < period.end:
                yield verdict.event_id
