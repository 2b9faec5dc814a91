"""How much CPU counting an event takes, against the textbook and against the least that any handler must do."""

from benchmarks.floor import floor
from benchmarks.free_dynamodb import FreeDynamoDb
from benchmarks.load import Load, as_rows, one_a_record, packed
from benchmarks.ours import ours
from benchmarks.report import Answer, Figure
from benchmarks.textbook import textbook
from benchmarks.turns import micros_an_event

ROUNDS = 9


def answer() -> Answer:
    load = Load()
    texts = load.texts()
    single, in_records = one_a_record(texts, events=1_000), packed(texts, events=1_000)
    micros = micros_an_event(
        {
            "textbook": (lambda: textbook(FreeDynamoDb()), single, load.deliveries),
            "floor": (floor, single, load.deliveries),
            "single": (lambda: ours(FreeDynamoDb()), one_a_record(as_rows(texts), events=1_000), load.deliveries),
            "packed": (lambda: ours(FreeDynamoDb()), in_records, load.deliveries),
        },
        rounds=ROUNDS,
    )
    return Answer(
        question="CPU of the handler",
        module="benchmarks.handler_cpu",
        setting=(
            f"{load.deliveries:,} deliveries of {load.events:,} events of {len(texts[0])} bytes, 1,000 an invocation, a"
            f" client that costs nothing, median of {ROUNDS} rounds. enrich_usage publishes packed records."
        ),
        figures=(
            Figure(what="textbook", measured=micros["textbook"], unit="µs an event"),
            Figure(what="floor", measured=micros["floor"], unit="µs an event"),
            Figure(what="ours, packed records", measured=micros["packed"], unit="µs an event"),
            Figure(
                what="textbook / ours, packed records",
                measured=micros["textbook"] / micros["packed"],
                unit="x",
                target=8,
                at_least=True,
            ),
            Figure(
                what="ours, packed records / floor", measured=micros["packed"] / micros["floor"], unit="x", target=2
            ),
            Figure(what="ours, one event a record", measured=micros["single"], unit="µs an event"),
            Figure(
                what="textbook / ours, one event a record",
                measured=micros["textbook"] / micros["single"],
                unit="x",
                target=8,
                at_least=True,
            ),
            Figure(
                what="ours, one event a record / floor", measured=micros["single"] / micros["floor"], unit="x", target=2
            ),
        ),
    )


if __name__ == "__main__":
    print(answer().markdown())
