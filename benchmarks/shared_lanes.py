"""What it costs when the lanes do not follow the groups: ten lanes write the same buckets."""

from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO

from benchmarks.free_dynamodb import FreeDynamoDb, Units
from benchmarks.load import Load, packed
from benchmarks.ours import ours
from benchmarks.report import Answer, Figure

LANES = 10
_A_BATCH = 1_000


def answer() -> Answer:
    load = Load(events=94_865, deliveries=100_000)
    texts = load.texts()
    aligned = _units(texts, lambda _batch: 0)
    shared = _units(texts, lambda batch: batch % LANES)
    return Answer(
        question="Ten lanes share every bucket",
        module="benchmarks.shared_lanes",
        setting=(
            f"{load.deliveries:,} deliveries in one hour and one group, {_A_BATCH:,} an invocation, spread over {LANES}"
            " lanes in turn, each with a memory of its own; lost puts, looks and checkpoints counted. Write"
            " units cost five times what read units do."
        ),
        figures=(
            Figure(what="write units an event, ten lanes", measured=shared.written / load.deliveries, target=0.0216),
            Figure(what="read units an event, ten lanes", measured=shared.read / load.deliveries, target=0.046),
            Figure(what="write units an event, one lane", measured=aligned.written / load.deliveries),
            Figure(what="read units an event, one lane", measured=aligned.read / load.deliveries),
        ),
    )


def _units(texts: list[str], lane_of: Callable[[int], int]) -> Units:
    units = Units()
    client = FreeDynamoDb(units)
    lanes = [ours(client) for _ in range(LANES)]
    with redirect_stdout(StringIO()):
        for batch, envelope in enumerate(packed(texts, events=_A_BATCH)):
            lanes[lane_of(batch)](envelope)
    return units


if __name__ == "__main__":
    print(answer().markdown())
