"""How many write units and AWS calls an event takes, by the size of the batch."""

from collections.abc import Callable, Sequence

from benchmarks.free_dynamodb import FreeDynamoDb, Units
from benchmarks.load import Load, largest, one_a_record, packed
from benchmarks.ours import ours
from benchmarks.report import Answer, Figure
from benchmarks.textbook import textbook
from benchmarks.turns import Handler, run_silently

TARGETS = {100: 0.032, 1_000: 0.021}
LARGEST_TARGET, CALLS_TARGET = 0.018, 3


def units_of(build: Callable[[FreeDynamoDb], Handler], envelopes: Sequence[bytes]) -> Units:
    """Return what a handler costs over these invocations, from empty tables."""
    units = Units()
    run_silently(build(FreeDynamoDb(units)), envelopes)
    return units


def answer() -> Answer:
    load = Load()
    texts = load.texts()
    most = largest(texts)
    costs = {events: units_of(ours, packed(texts, events=events)) for events in (*TARGETS, most)}
    of_textbook = units_of(textbook, one_a_record(texts, events=1_000))
    return Answer(
        question="Write units and calls",
        module="benchmarks.write_units",
        setting=(
            f"{load.deliveries:,} deliveries in one hour on one lane that has one group of the layout; sizes by"
            " DynamoDB's published rules. A checkpoint is one unit a batch, whatever its size; calls are all calls."
            f" {most:,} packed events are the most that Lambda hands over."
        ),
        figures=(
            *(_appends(events, cost, load.deliveries) for events, cost in costs.items()),
            *(
                Figure(
                    what=f"with checkpoints, {events:,} events an invocation",
                    measured=cost.written / load.deliveries,
                    target=TARGETS.get(events, LARGEST_TARGET),
                )
                for events, cost in costs.items()
            ),
            Figure(what="write units an event, textbook", measured=of_textbook.written / load.deliveries),
            *(
                Figure(
                    what=f"AWS calls per 1,000 events, {events:,} an invocation",
                    measured=costs[events].calls * 1_000 / load.deliveries,
                    target=CALLS_TARGET,
                )
                for events in (1_000, most)
            ),
            Figure(what="AWS calls per 1,000 events, textbook", measured=of_textbook.calls * 1_000 / load.deliveries),
        ),
    )


def _appends(events: int, cost: Units, deliveries: int) -> Figure:
    return Figure(
        what=f"write units an event, {events:,} events an invocation",
        measured=cost.put / deliveries,
        target=TARGETS.get(events, LARGEST_TARGET),
    )


if __name__ == "__main__":
    print(answer().markdown())
