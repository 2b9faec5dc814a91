"""Measures aggregate_usage: CPU an event against the textbook and the floor, and write units an event.

Everything runs in one process, in turns, against a client that costs nothing; figures are medians. Each handler gets
the bytes of its invocations, so the runtime's own parsing of the envelope is part of all of them.
"""

import gc
import json
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from time import process_time
from typing import Any

from benchmarks.dynamodb_sizer import write_units
from benchmarks.free_dynamodb import FreeDynamoDb
from benchmarks.metering_load import (
    DELIVERIES,
    EVENTS_AN_INVOCATION,
    LAYOUT,
    UNIQUE,
    billable_rows,
    invocations,
)
from benchmarks.metering_peers import Handler, floor, textbook
from functions.aggregate_usage.use_case import Ledger, aggregate_usage
from shared.adapters.dynamodb.closing_progress import DynamoClosingProgress
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.contracts.metered_rows import read_metered_rows
from shared.domain.identifiers import TenantId
from shared.domain.metering.homes import Homes
from shared.domain.metering.log_view import LogViews
from shared.runtime.batches import process_stream_batch

ROUNDS = 9
_TABLE, _TENANT = "metering-ledger", TenantId("acme-saas")


class _NoConflicts:
    def report(self, records: Sequence[object]) -> None:
        assert not records, f"the load has no conflicts, but {records}"

    def resolve(self, *_arguments: object) -> None:
        raise AssertionError("nothing to resolve")


def ours(client: FreeDynamoDb) -> Handler:
    """Wire aggregate_usage as its handler does, over the given client."""
    dynamodb: Any = client
    aggregate = partial(
        aggregate_usage,
        read=read_metered_rows,
        ledger=Ledger(
            logs=DynamoMeteringLedger(dynamodb, _TABLE, _TENANT),
            slices=DynamoClosingProgress(dynamodb, _TABLE, _TENANT),
            views=LogViews(most_ids=200_000),
            homes=Homes(LAYOUT),
        ),
        reporter=_NoConflicts(),
        progress=DynamoStageProgress(dynamodb, _TABLE, _TENANT),
        tenant=_TENANT,
    )

    def handler(envelope: bytes) -> None:
        if process_stream_batch(json.loads(envelope), aggregate)["batchItemFailures"]:
            raise RuntimeError("aggregate_usage failed")

    return handler


def main() -> None:
    rows = [json.dumps(row, separators=(",", ":")) for row in billable_rows()]
    single = invocations(rows, packed=False)
    contenders: dict[str, tuple[Callable[[FreeDynamoDb], Handler], list[bytes]]] = {
        "textbook": (textbook, single),
        "floor": (lambda _client: floor(), single),
        "ours, one event a record": (ours, invocations([f"[{row}]" for row in rows], packed=False)),
        "ours, packed records": (ours, invocations(rows, packed=True)),
    }
    gc.freeze()  # the load itself is nobody's garbage
    micros = _interleaved(contenders)
    print(f"{DELIVERIES:,} deliveries of {UNIQUE:,} events, {EVENTS_AN_INVOCATION:,} an invocation, {ROUNDS} rounds")
    print(f"one event is {sum(map(len, rows)) // DELIVERIES} bytes on the stream, the same for all\n")
    print(f"{'':26}{'µs/event':>9}{'textbook is':>13}{'x floor':>9}{'WRU/event':>11}{'calls/1,000':>13}")
    for name, (build, batches) in contenders.items():
        units, calls = (0.0, 0.0) if name == "floor" else cost(build, batches)
        print(
            f"{name:26}{micros[name]:9.2f}{micros['textbook'] / micros[name]:12.1f}x"
            f"{micros[name] / micros['floor']:9.2f}{units:11.4f}{calls:13.1f}"
        )


def _interleaved(contenders: dict[str, tuple[Callable[[FreeDynamoDb], Handler], list[bytes]]]) -> dict[str, float]:
    """Return the median CPU in microseconds an event; every round runs each contender once, on empty tables."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, (build, batches) in contenders.items():
            handler = build(FreeDynamoDb())
            gc.collect()
            started = process_time()
            for envelope in batches:
                handler(envelope)
            seconds[name].append(process_time() - started)
    return {name: median(rounds) / DELIVERIES * 1e6 for name, rounds in seconds.items()}


def cost(build: Callable[[FreeDynamoDb], Handler], batches: list[bytes]) -> tuple[float, float]:
    """Return write units an event and calls a thousand events, in a pass of its own."""
    units: list[int] = []
    client = FreeDynamoDb(on_write=lambda item: units.append(write_units(item)))
    handler = build(client)
    for envelope in batches:
        handler(envelope)
    return sum(units) / DELIVERIES, client.calls * 1_000 / DELIVERIES


if __name__ == "__main__":
    main()
