"""What feeds functions: mappings that read shards in order, and queues that deliver at least once."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.domain.usage.stream_record import StreamRecord
from tests.simulation.metering.streams import Stream

MAX_RECEIVES = 5


class Lease:
    """The right to report on a batch or message. It ends when the invocation takes too long."""

    def __init__(self) -> None:
        self.lost = False


@dataclass(slots=True)
class ShardReader:
    """Where a mapping stands in a shard. After a failure it comes again with halves (bisect)."""

    position: int = 0
    lease: Lease | None = None
    halves: list[int] = field(default_factory=list)


class StreamMapping:
    """An event source mapping: one batch of a shard at a time, children after their parents were drained."""

    def __init__(self, stage: str, stream: Stream) -> None:
        self.stage = stage
        self.stream = stream
        self._readers: dict[str, ShardReader] = {}

    def ready(self) -> list[str]:
        return [name for name in self.stream.shards if self._has_more(name) and self._parents_drained(name)]

    def take(self, shard_id: str, most: int) -> tuple[Lease, Sequence[StreamRecord]]:
        """Take the next records under a lease. A batch that failed comes in its halves first."""
        reader = self._reader(shard_id)
        size = reader.halves[0] if reader.halves else most
        reader.lease = Lease()
        return reader.lease, self.stream.shards[shard_id].records[reader.position : reader.position + size]

    def lose(self, shard_id: str, lease: Lease) -> None:
        """Forget an invocation that is still running: its batch comes again."""
        lease.lost = True
        reader = self._reader(shard_id)
        if reader.lease is lease:
            reader.lease = None

    def answer(self, shard_id: str, lease: Lease, records: int, *, succeeded: bool) -> None:
        if lease.lost:
            return
        reader = self._reader(shard_id)
        reader.lease = None
        if succeeded:
            reader.position += records
            reader.halves = reader.halves[1:]
        elif records > 1:
            reader.halves = [records // 2, records - records // 2, *reader.halves[1:]]

    def replay_all(self) -> None:
        """Begin every shard again from its first record within retention."""
        for reader in self._readers.values():
            if reader.lease is None:
                reader.position, reader.halves = 0, []

    def _has_more(self, shard_id: str) -> bool:
        reader = self._reader(shard_id)
        return reader.lease is None and reader.position < len(self.stream.shards[shard_id].records)

    def _parents_drained(self, shard_id: str) -> bool:
        return all(
            self._reader(parent).position >= len(self.stream.shards[parent].records)
            for parent in self.stream.shards[shard_id].parents
        )

    def _reader(self, shard_id: str) -> ShardReader:
        if shard_id not in self._readers:
            self._readers[shard_id] = ShardReader()
        return self._readers[shard_id]


@dataclass(slots=True, eq=False)
class Message:
    body: str
    receives: int = 0
    lease: Lease | None = None


class Queue:
    """An SQS queue with its dead-letter queue, and the client that sends to it."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.messages: list[Message] = []
        self.dead: list[str] = []

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        self.messages.append(Message(MessageBody))

    def ready(self) -> list[Message]:
        return [message for message in self.messages if message.lease is None]

    def take(self, message: Message) -> Lease:
        message.receives += 1
        message.lease = Lease()
        return message.lease

    def lose(self, message: Message, lease: Lease) -> None:
        lease.lost = True
        if message.lease is lease:
            message.lease = None

    def answer(self, message: Message, lease: Lease, *, succeeded: bool) -> None:
        """Delete a message that was processed, even by one who lost its lease; give up one that fails for ever."""
        if message.lease is lease:
            message.lease = None
        if message not in self.messages:
            return
        if succeeded:
            self.messages.remove(message)
        elif message.receives >= MAX_RECEIVES and message.lease is None:
            self.messages.remove(message)
            self.dead.append(message.body)

    def redrive(self, chance: random.Random, *, twice: bool) -> None:
        """Send everything dead again, in any order; an operator may do so twice."""
        bodies = self.dead * (2 if twice else 1)
        chance.shuffle(bodies)
        self.messages += [Message(body) for body in bodies]
        self.dead.clear()
