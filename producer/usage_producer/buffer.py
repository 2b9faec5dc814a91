"""What waits to be sent: events in open packs, one a lane, and sealed packs in the order in which they are sent."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from usage_producer.correction import Event
from usage_producer.sending import MAX_BYTES_A_CALL, MAX_RECORDS_A_CALL, Pack, Receipt, Waiting

# Kinesis charges provisioned streams by PUT payload units of 25 KB, begun ones in full: a record of 300 bytes costs as
# much as one with eighty events that fills the unit. This is within it with its key, whichever KB is meant.
PACK_BYTES = 24_900


class BufferFullError(RuntimeError):
    """The event was not taken: the buffer stayed full. Wait and send it again, or drop it knowingly."""


@dataclass(slots=True)
class _OpenPack:
    due_at: float
    waiting: list[Waiting] = field(default_factory=list)
    size: int = 2  # the brackets


class Buffer:
    """Bounded by the bytes of events whose fate their sender has not yet been told. Not thread-safe: see UsageProducer.

    Times are seconds of a monotonic clock.
    """

    def __init__(self, *, limit_bytes: int, linger_seconds: float) -> None:
        self._limit = limit_bytes
        self._linger = linger_seconds
        self._open: dict[int, _OpenPack] = {}
        self._sealed: deque[Pack] = deque()
        self.held_bytes = 0
        self.unsettled: set[Pack] = set()  # sealed, and their senders do not know yet what became of them

    def has_room_for(self, size: int) -> bool:
        return self.held_bytes + size <= self._limit

    def add(self, lane: int, event: Event, text: bytes, now: float) -> tuple["Future[Receipt]", bool]:
        """Take an event in; return its outcome to come, and whether there is now something new to wait for or send."""
        waiting = Waiting(event, text)
        is_news = not self._open
        pack = self._open.get(lane)
        if pack and pack.size + len(text) + 1 > PACK_BYTES:
            self._seal(lane)
            pack, is_news = None, True
        if pack is None:
            pack = self._open[lane] = _OpenPack(now + self._linger)
        pack.waiting.append(waiting)
        pack.size += len(text) + 1
        self.held_bytes += len(text)
        if pack.size >= PACK_BYTES:
            self._seal(lane)
            is_news = True
        return waiting.outcome, is_news

    def seal_due(self, now: float) -> None:
        for lane in [lane for lane, pack in self._open.items() if pack.due_at <= now]:
            self._seal(lane)

    def seal_all(self) -> None:
        for lane in list(self._open):
            self._seal(lane)

    def due_at(self) -> float | None:
        """Return when the first open pack has waited long enough; None when none is open."""
        return min((pack.due_at for pack in self._open.values()), default=None)

    def take_call(self) -> Sequence[Pack]:
        """Take out what the next PutRecords call can carry of the sealed packs, oldest first."""
        call: list[Pack] = []
        size = 0
        while self._sealed and len(call) < MAX_RECORDS_A_CALL:
            size += self._sealed[0].size
            if call and size > MAX_BYTES_A_CALL:
                break
            call.append(self._sealed.popleft())
        return call

    def release(self, size: int) -> None:
        """Give back the room of events whose sender knows what became of them."""
        self.held_bytes -= size

    def _seal(self, lane: int) -> None:
        pack = self._open.pop(lane)
        sealed = Pack(lane=lane, waiting=tuple(pack.waiting), size=pack.size)
        self._sealed.append(sealed)
        self.unsettled.add(sealed)
