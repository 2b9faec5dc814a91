"""Put packs on the stream: each is confirmed by Kinesis or refused to the end, and nothing in between."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from usage_producer.correction import Event
from usage_producer.identity import hash_key_of

MAX_RECORDS_A_CALL = 500
MAX_BYTES_A_CALL = 5_000_000
MAX_ATTEMPTS = 8  # in a row, of which none took a record: half a dozen seconds on average
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0
# Asked again, Kinesis would say the same: somebody has to change something first.
_FINAL_CODES = frozenset(
    {
        "AccessDeniedException",
        "InvalidArgumentException",
        "KMSAccessDeniedException",
        "KMSDisabledException",
        "KMSInvalidStateException",
        "KMSNotFoundException",
        "KMSOptInRequired",
        "ResourceNotFoundException",
        "ValidationException",
    }
)


class KinesisClient(Protocol):
    """The part of boto3's Kinesis client that is used."""

    def put_records(self, *, StreamName: str, Records: list[Any]) -> Any: ...  # noqa: ANN401, N803 - as boto3 has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where the stream holds an event: a shard, a sequence number of it, and the place in the packed record."""

    source: str
    event_id: str
    shard_id: str
    sequence_number: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedEvent:
    """An event that the stream did not confirm. It may be there all the same; sending it again is safe."""

    event: Event
    reason: str

    def __str__(self) -> str:
        return f"{self.event.id} of {self.event.source}: {self.reason}"


class NotOnTheStreamError(RuntimeError):
    """The stream did not confirm some events: `failed`, each with its reason. Send them again: repeats are harmless."""

    def __init__(self, failed: Sequence[FailedEvent]) -> None:
        super().__init__(f"{len(failed)} events are not confirmed by the stream; the first is {failed[0]}")
        self.failed = tuple(failed)


@dataclass(frozen=True, slots=True)
class Placed:
    shard_id: str
    sequence_number: str


@dataclass(frozen=True, slots=True)
class Refused:
    reason: str
    is_final: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """An event on its way, with what its sender was given to wait on."""

    event: Event
    text: bytes
    outcome: "Future[Receipt]" = field(default_factory=Future)

    def __post_init__(self) -> None:
        self.outcome.set_running_or_notify_cancel()  # what was handed over cannot be called back

    def receipt(self, placed: Placed, index: int) -> Receipt:
        return Receipt(
            source=self.event.source,
            event_id=self.event.id,
            shard_id=placed.shard_id,
            sequence_number=placed.sequence_number,
            index=index,
        )


class StreamRecord(Protocol):
    def entry(self) -> dict[str, Any]:
        """Return the record as PutRecords takes it."""


Record = TypeVar("Record", bound=StreamRecord)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pack:
    """Events of one lane that share a stream record. `size` is in bytes."""

    lane: int
    waiting: tuple[Waiting, ...]
    size: int

    def entry(self) -> dict[str, Any]:
        return {
            "PartitionKey": str(self.lane),
            "ExplicitHashKey": hash_key_of(self.lane),
            "Data": b"[" + b",".join(each.text for each in self.waiting) + b"]",
        }


def put_records(
    client: KinesisClient,
    stream: str,
    records: Sequence[Record],
    *,
    sleep: Callable[[float], None],
    random: Callable[[], float],
) -> Iterator[tuple[Record, Placed | Refused]]:
    """Yield each record of one call with its fate, as soon as it is known.

    Only what was refused is put again, after a pause between nothing and a bound that doubles (`random` in [0, 1)). A
    call that took some starts the count anew: the shard has room, the rest has only to wait.
    """
    refusals = 0
    while records:
        results = list(zip(records, _put(client, stream, records), strict=True))
        yield from ((record, result) for record, result in results if isinstance(result, Placed))
        refused = [(record, result) for record, result in results if isinstance(result, Refused)]
        refusals = 1 if len(refused) < len(records) else refusals + 1
        given_up = refusals == MAX_ATTEMPTS
        yield from ((record, result) for record, result in refused if given_up or result.is_final)
        records = [record for record, result in refused if not (given_up or result.is_final)]
        if records:
            sleep(random() * min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** (refusals - 1)))


def _put(client: KinesisClient, stream: str, records: Sequence[StreamRecord]) -> list[Placed | Refused]:
    try:
        answer = client.put_records(StreamName=stream, Records=[record.entry() for record in records])
        results = [_result(each) for each in answer["Records"]]
    except BaseException as error:  # noqa: BLE001 - whatever it is, nothing of this call is confirmed, and others wait
        return [_of_error(error)] * len(records)
    if len(results) != len(records):
        return [Refused(f"Kinesis answered {len(records)} records with {len(results)} results")] * len(records)
    return results


def _result(answer: dict[str, Any]) -> Placed | Refused:
    if answer.get("SequenceNumber") and answer.get("ShardId"):
        return Placed(answer["ShardId"], answer["SequenceNumber"])
    return Refused(f"{answer.get('ErrorCode')}: {answer.get('ErrorMessage')}")


def _of_error(error: BaseException) -> Refused:
    """Read the code of a botocore ClientError without importing it: the client is whatever the caller brought."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return Refused(f"{type(error).__name__}: {error}", is_final=code in _FINAL_CODES)
