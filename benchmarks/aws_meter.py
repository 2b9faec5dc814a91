"""What handlers ask of AWS, counted where they ask, in the units that AWS charges; moto answers, aside."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import process_time
from typing import Any
from unittest.mock import patch

from moto.core.botocore_stubber import BotocoreStubber

from benchmarks.dynamodb_sizer import read_units, write_units
from shared.runtime import aws


@dataclass(slots=True)
class AwsMeter:
    """Adds up what the clients of shared.runtime.aws do while it is watching. Only what charges are known for."""

    calls: Counter[str] = field(default_factory=Counter)  # by service
    written: int = 0
    read: int = 0
    records: list[bytes] = field(default_factory=list)  # put on streams
    moto_seconds: float = 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        clients = (aws.dynamodb(), aws.kinesis(), aws.s3())
        hooks: Mapping[str, Callable[..., None]] = {
            "before-parameter-build": self._on_request,
            "after-call": self._on_answer,
        }
        answer = BotocoreStubber.__call__

        def timed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as moto is called
            started = process_time()
            try:
                return answer(*arguments, **named)
            finally:
                self.moto_seconds += process_time() - started

        for client in clients:
            for event, hook in hooks.items():
                client.meta.events.register(event, hook, unique_id=f"meter-{event}")
        try:
            with patch.object(BotocoreStubber, "__call__", timed):
                yield
        finally:
            for client in clients:
                for event in hooks:
                    client.meta.events.unregister(event, unique_id=f"meter-{event}")

    def _on_request(self, *, params: Mapping[str, Any], model: Any, **_event: object) -> None:  # noqa: ANN401
        self.calls[model.service_model.service_name] += 1
        match model.name:
            case "PutItem":
                self.written += write_units(params["Item"])
            case "UpdateItem":
                self.written += write_units({**params["Key"], **params["ExpressionAttributeValues"]})
            case "PutRecords":
                self.records.extend(record["Data"] for record in params["Records"])
            case "GetItem" | "BatchGetItem" | "Query" | "PutObject":
                pass  # reads are charged by what they bring
            case _:
                raise NotImplementedError(f"no charge is known for {model.name}")

    def _on_answer(self, *, parsed: Mapping[str, Any], model: Any, **_event: object) -> None:  # noqa: ANN401
        match model.name:
            case "GetItem":
                self.read += read_units([parsed["Item"]] if "Item" in parsed else [])
            case "BatchGetItem":
                self.read += sum(read_units([item]) for items in parsed["Responses"].values() for item in items)
            case "Query":
                self.read += read_units(parsed["Items"])
