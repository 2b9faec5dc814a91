"""The producer: takes events from any thread, packs them, and tells each sender what became of theirs."""

import atexit
import logging
import math
import os
import random
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Self

from usage_producer.buffer import Buffer, BufferFullError
from usage_producer.correction import Event
from usage_producer.event import MAX_EVENT_BYTES
from usage_producer.heartbeat import Counts
from usage_producer.identity import lane_of
from usage_producer.sending import (
    FailedEvent,
    KinesisClient,
    NotOnTheStreamError,
    Pack,
    Placed,
    Receipt,
    Refused,
    put_records,
)

logger = logging.getLogger("usage_producer")


class ProducerClosedError(RuntimeError):
    """The event was not taken: the producer was closed, or was made in the process that this one was forked from."""


class UsageProducer:
    """Sends usage events to one Kinesis stream from a thread of its own. Use it as a context manager, from any thread.

    `client` is boto3's Kinesis client with short time-outs. `lanes` is how many partition keys the subjects share: as
    many as the ledger has groups, and no fewer than the stream has shards. An event waits at most `linger_seconds` for
    company in its record. At most `buffer_bytes` of events are held that nobody knows the fate of; then `send` waits
    up to `room_within_seconds` (0: not at all) and raises BufferFullError.

    For `heartbeat_sources` it sends heartbeats: every `heartbeat_seconds`, and when it is flushed or closed, it tells
    how many events of which time the stream has confirmed to it.
    """

    def __init__(
        self,
        client: KinesisClient,
        stream: str,
        *,
        lanes: int = 4,
        linger_seconds: float = 0.2,
        buffer_bytes: int = 8_000_000,
        room_within_seconds: float = 10.0,
        heartbeat_sources: Collection[str] = (),
        heartbeat_seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if lanes < 1 or buffer_bytes < MAX_EVENT_BYTES:
            raise ValueError(f"a producer needs a lane, and a buffer of {MAX_EVENT_BYTES} bytes for the largest event")
        self._client = client
        self._stream = stream
        self._lanes = lanes
        self._room_within = room_within_seconds
        self._clock, self._sleep, self._chance = clock, sleep, chance
        self._counts = Counts(frozenset(heartbeat_sources), now)
        self._heartbeat_seconds = heartbeat_seconds
        self._heartbeat_due = clock() if heartbeat_sources else math.inf
        # Guards everything below; notified of all that someone may wait for: events, room, settled packs, the end.
        self._changed = threading.Condition()
        self._buffer = Buffer(limit_bytes=buffer_bytes, linger_seconds=linger_seconds)
        self._failed: list[FailedEvent] = []
        self._closed = False
        self._thread: threading.Thread | None = None
        self._process = os.getpid()
        atexit.register(self._close_at_exit)
        if heartbeat_sources:
            self._start()  # it is alive though it may have nothing to send

    def send(self, event: Event) -> "Future[Receipt]":
        """Take an event in and return its receipt to come: a result only once the stream has the event.

        The receipt raises NotOnTheStreamError when the stream refused to the end. Callbacks of a receipt run on the
        sending thread: they must not block. Raises BufferFullError or ProducerClosedError when the event is not taken.
        """
        self._refuse_in_a_fork()
        text, lane = event.encoded(), lane_of(event.subject, self._lanes)
        with self._changed:
            self._make_room(len(text))
            outcome, is_news = self._buffer.add(lane, event, text, self._clock())
            if self._thread is None:
                self._start()
            if is_news:
                self._changed.notify_all()
        return outcome

    def flush(self) -> None:
        """Send what waits and return when all events sent before are on the stream.

        Raises NotOnTheStreamError with all that failed since the last flush. Until then failed events keep their room
        in the buffer, so that a caller who looks at nothing is stopped rather than loses them.
        """
        self._refuse_in_a_fork()
        failed = self._drain()
        self._tell_counts(signs_of_life=False)
        if failed:
            raise NotOnTheStreamError(failed)

    def close(self) -> None:
        """Flush, and take no event any more. Raises what `flush` raises. A second call does nothing."""
        self._refuse_in_a_fork()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        failed = self._drain()
        self._tell_counts(signs_of_life=False)
        atexit.unregister(self._close_at_exit)  # only now: a wait that is interrupted is made up for at exit
        if failed:
            raise NotOnTheStreamError(failed)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _close_at_exit(self) -> None:
        if self._process != os.getpid():
            return  # a fork's copy: what is in it is sent by the process that it was copied from
        try:
            self.close()
        except NotOnTheStreamError as error:
            for each in error.failed:
                logger.error("usage event not confirmed at exit: %s", each)  # noqa: TRY400 - each names its reason

    def _drain(self) -> list[FailedEvent]:
        """Wait until everything sent before is decided; hand over what failed."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a receipt's callback cannot flush: it runs on the thread that it would wait for")
        with self._changed:
            self._buffer.seal_all()
            self._changed.notify_all()
            before = frozenset(self._buffer.unsettled)  # by name: later packs may be settled before these
            self._changed.wait_for(lambda: before.isdisjoint(self._buffer.unsettled))
            failed, self._failed = self._failed, []
            self._buffer.release(sum(len(each.event.encoded()) for each in failed))
            self._changed.notify_all()
        return failed

    def _make_room(self, size: int) -> None:
        self._refuse_when_closed()
        if self._buffer.has_room_for(size):
            return
        self._buffer.seal_all()  # what lingers for company is in the way now
        self._changed.notify_all()
        # A callback must not wait for room that only its own thread can make.
        patience = 0 if threading.current_thread() is self._thread else self._room_within
        if not self._changed.wait_for(lambda: self._closed or self._buffer.has_room_for(size), patience):
            raise BufferFullError(
                f"{self._buffer.held_bytes} bytes of events are held; {len(self._failed)} of the events have failed,"
                " and flush() hands those over"
            )
        self._refuse_when_closed()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise ProducerClosedError("this producer is closed")

    def _refuse_in_a_fork(self) -> None:
        """Refuse before any lock is asked for: a fork may have copied a locked one, and has no sending thread."""
        if self._process != os.getpid():
            raise ProducerClosedError("this producer was made before the process forked: make one in each process")

    def _start(self) -> None:
        # A daemon: at exit Python would wait for any other thread before it calls what makes this one end.
        self._thread = threading.Thread(target=self._work, name="usage-producer", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while (call := self._next_call()) is not None:
            for pack, result in put_records(self._client, self._stream, call, sleep=self._sleep, random=self._chance):
                self._settle(pack, result)
            if self._clock() >= self._heartbeat_due:
                self._tell_counts(signs_of_life=True)
                self._heartbeat_due = self._clock() + self._heartbeat_seconds

    def _tell_counts(self, *, signs_of_life: bool) -> None:
        """Send heartbeats. One that the stream does not confirm is made up for by the next one of its time."""
        records = self._counts.untold(signs_of_life=signs_of_life)
        for record, result in put_records(self._client, self._stream, records, sleep=self._sleep, random=self._chance):
            match result:
                case Placed():
                    self._counts.told(record)
                case Refused(reason):
                    logger.warning("heartbeat not confirmed: %s", reason)

    def _next_call(self) -> Sequence[Pack] | None:
        """Wait for packs to send, or a heartbeat to be due; None when the producer is closed and everything is sent."""
        with self._changed:
            while True:
                now = self._clock()
                self._buffer.seal_due(now)
                if call := self._buffer.take_call():
                    return call
                due_at = self._buffer.due_at()
                if self._closed and due_at is None:
                    return None
                if self._heartbeat_due <= now:
                    return ()
                next_at = min(self._heartbeat_due, math.inf if due_at is None else due_at)
                self._changed.wait(None if next_at == math.inf else next_at - now)

    def _settle(self, pack: Pack, result: Placed | Refused) -> None:
        """Tell every sender of a pack, then give back its room: who flushes finds all receipts decided."""
        failed: list[FailedEvent] = []
        for index, waiting in enumerate(pack.waiting):
            match result:
                case Placed():
                    self._counts.confirmed(waiting.event)
                    tell = partial(waiting.outcome.set_result, waiting.receipt(result, index))
                case Refused(reason):
                    failed.append(FailedEvent(event=waiting.event, reason=reason))
                    tell = partial(waiting.outcome.set_exception, NotOnTheStreamError(failed[-1:]))
            _tell(tell)
        with self._changed:
            self._failed.extend(failed)
            if not failed:
                self._buffer.release(sum(len(waiting.text) for waiting in pack.waiting))
            self._buffer.unsettled.remove(pack)
            self._changed.notify_all()


def _tell(tell: Callable[[], None]) -> None:
    try:
        tell()
    except BaseException:  # a callback that wants to end its thread must not end ours: others wait for it
        logger.exception("a receipt's callback raised")
