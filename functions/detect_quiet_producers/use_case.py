"""Tell somebody of each source that gives no sign any more, once, and take it back when it does."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.metering.watermark import reached
from shared.domain.producers.producer import Producer
from shared.domain.producers.signs_of_life import Heard, Watch, awaited_sign, is_quiet
from shared.domain.time_period import format_instant
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.master_data import MasterData
from shared.ports.metrics import Metrics, Unit
from shared.ports.signs_of_life import LastSigns
from shared.ports.stage_progress import StageProgress
from shared.ports.stream_tails import StreamTails
from shared.ports.watched_producers import WatchedProducers


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """How many sources are watched over, and how many of them are quiet. None: it could not be told this time."""

    watched: int
    quiet: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietProducerDetector:
    """Watches the sources of one tenant. A run that dies is made good by the next one.

    A source is never blamed for what ingest has yet to read of `usage_events`: time goes on here as ingest reads.
    """

    tenant: TenantId
    usage_events: str
    master_data: MasterData
    signs: LastSigns
    watched: WatchedProducers
    progress: StageProgress
    tails: StreamTails
    reporter: ExceptionReporter
    metrics: Metrics
    clock: Clock

    def detect(self) -> Detected:
        """Open an exception for each source that is quiet, close those of sources that are not, or not listed."""
        now = self.clock.now()
        read_until = reached(self.tails.positions(self.usage_events, self.progress.checkpoints("ingest")), now=now)
        self.master_data.version()
        producers = {producer.source: producer for producer in self.master_data.producers()}
        watches = self.watched.watches()
        for source in sorted(watches.keys() - producers.keys()):
            self._end(source, watches[source], now)
        if read_until is None:
            return Detected(watched=len(producers), quiet=None)

        heard = self.signs.last_heard(producers.keys())
        quiet: list[ExceptionRecord] = []
        for source, producer in sorted(producers.items()):
            watch = watches.get(source) or self._keep(source, Watch(since=read_until))
            if is_quiet(producer, watch, heard, read_until):
                # Remembered before it is told, and told by every run as of then: whoever closes it is left in peace.
                told_at = watch.told_at or now
                if watch.told_at is None:
                    self._keep(source, replace(watch, told_at=told_at))
                quiet.append(self._exception(producer, watch, heard, told_at))
            elif watch.told_at is not None:
                self.reporter.resolve(_id(source), "it is heard of again", now)
                self._keep(source, replace(watch, told_at=None))
        if quiet:
            self.reporter.report(quiet)
        self.metrics.record("QuietProducers", len(quiet), Unit.COUNT)
        return Detected(watched=len(producers), quiet=len(quiet))

    def _keep(self, source: str, watch: Watch) -> Watch:
        self.watched.keep(source, watch)
        return watch

    def _end(self, source: str, watch: Watch, now: datetime) -> None:
        if watch.told_at is not None:
            self.reporter.resolve(_id(source), "it is not watched over any more", now)
        self.watched.end(source)

    def _exception(self, producer: Producer, watch: Watch, heard: Heard, told_at: datetime) -> ExceptionRecord:
        sign = awaited_sign(producer)
        last = heard.get((producer.source, sign))
        return ExceptionRecord(
            exception_id=_id(producer.source),
            tenant=self.tenant,
            code=ExceptionCode.PRODUCER_QUIET,
            subject=producer.source,
            message=f"no {sign} of it for more than {_minutes(producer.quiet_after)} minutes",
            raised_at=told_at,
            detail={
                "owner": producer.owner,
                "last_heard": "never" if last is None else format_instant(last),
                "silent_minutes": str(_minutes(told_at - max(last or watch.since, watch.since))),
            },
        )


def _id(source: str) -> ExceptionId:
    return exception_id(ExceptionCode.PRODUCER_QUIET, source)


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)
