"""A Kinesis that answers PutRecords as a script says, and keeps what it took, as a stream does: all or part of it."""

import json
from collections.abc import Callable, Sequence
from typing import Any

Entry = dict[str, Any]
Step = Callable[["ScriptedKinesis", Sequence[Entry]], list[dict[str, str]]]


class ClientError(Exception):
    """Shaped as botocore's, which the producer client reads without importing it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"An error occurred ({code}) when calling the PutRecords operation")
        self.response = {"Error": {"Code": code, "Message": code}}


class ScriptedKinesis:
    """Each call follows the next step; when the script has ended, calls take everything."""

    def __init__(self, *script: Step) -> None:
        self._script = list(script)
        self.calls: list[int] = []  # records of each call
        self.records: list[Entry] = []  # what the stream holds, in order

    def follow(self, *script: Step) -> None:
        """Follow these steps from now on."""
        self._script = list(script)

    def put_records(self, *, StreamName: str, Records: list[Entry]) -> dict[str, Any]:  # noqa: N803
        assert StreamName == "usage-events"
        self.calls.append(len(Records))
        step = self._script.pop(0) if self._script else take_all
        return {"Records": step(self, Records)}

    def take(self, entry: Entry) -> dict[str, str]:
        self.records.append(entry)
        return {"ShardId": "shardId-000000000000", "SequenceNumber": str(len(self.records))}

    def events(self) -> list[dict[str, Any]]:
        return [event for entry in self.records for event in json.loads(entry["Data"])]


def take_all(stream: ScriptedKinesis, entries: Sequence[Entry]) -> list[dict[str, str]]:
    return [stream.take(entry) for entry in entries]


def refuse(*places: int) -> Step:
    """Take all but the records at these places, as throttled shards do."""
    throttled = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded for shard"}
    return lambda stream, entries: [
        throttled if place in places else stream.take(entry) for place, entry in enumerate(entries)
    ]


def refuse_all(stream: ScriptedKinesis, entries: Sequence[Entry]) -> list[dict[str, str]]:
    return refuse(*range(len(entries)))(stream, entries)


def fail_before(error: BaseException) -> Step:
    """Raise before anything is taken."""

    def step(_stream: ScriptedKinesis, _entries: Sequence[Entry]) -> list[dict[str, str]]:
        raise error

    return step


def fail_after(error: BaseException) -> Step:
    """Take everything, then raise: the answer is lost on its way."""

    def step(stream: ScriptedKinesis, entries: Sequence[Entry]) -> list[dict[str, str]]:
        take_all(stream, entries)
        raise error

    return step


def answer_too_little(stream: ScriptedKinesis, entries: Sequence[Entry]) -> list[dict[str, str]]:
    """Take everything and answer for all but the last."""
    return take_all(stream, entries)[:-1]
