"""A usage event after its contract was checked and brought to the current version, and where it was delivered."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from shared.domain.identifiers import MeterCode
from shared.domain.usage.correction import UsageVoid

Dimensions: TypeAlias = tuple[tuple[str, str], ...]  # sorted (name, value) pairs


@dataclass(frozen=True, slots=True, order=True)
class Delivery:
    """One arrival of one event: the identity that totals are counted by, carried through every hop.

    Kinesis sequence numbers are unique within a shard only; `index` is the event's place in a packed record.
    """

    shard_id: str
    sequence_number: str
    index: int

    def __str__(self) -> str:
        return f"{self.shard_id}:{self.sequence_number}:{self.index}"

    @classmethod
    def parse(cls, text: str) -> "Delivery":
        shard_id, sequence_number, index = text.rsplit(":", 2)
        return cls(shard_id, sequence_number, int(index))


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageEvent:
    """What a product says happened, once. Identity is (source, event_id); everything else must repeat unchanged.

    `quantity` is exact and at least zero. `unique_key` is what a unique-count meter counts. Times are UTC. `contract`
    is the version it was sent in ("usage:1"), which its content does not depend on, nor on the event that it `amends`.
    """

    source: str
    event_id: str
    subject: str  # who used it, in the producer's words
    occurred_at: datetime
    meter: MeterCode
    quantity: Decimal
    unique_key: str | None
    dimensions: Dimensions
    contract: str
    amends: UsageVoid | None = None
