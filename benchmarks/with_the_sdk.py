"""How much CPU counting an event takes with the whole SDK, up to the network."""

from benchmarks.load import Load, one_a_record, packed
from benchmarks.ours import ours
from benchmarks.report import Answer, Figure
from benchmarks.stubbed_http import stubbed_dynamodb
from benchmarks.textbook import textbook
from benchmarks.turns import micros_an_event

ROUNDS = 7
_OF_TEXTBOOK = 1_000


def answer() -> Answer:
    load = Load(deliveries=18_973)
    texts = load.texts()
    micros = micros_an_event(
        {
            "textbook": (
                lambda: textbook(stubbed_dynamodb()),
                one_a_record(texts[:_OF_TEXTBOOK], events=1_000),
                _OF_TEXTBOOK,
            ),
            "ours": (lambda: ours(stubbed_dynamodb()), packed(texts, events=1_000), load.deliveries),
        },
        rounds=ROUNDS,
    )
    return Answer(
        question="CPU with the SDK",
        module="benchmarks.with_the_sdk",
        setting=(
            f"{load.deliveries:,} events ({_OF_TEXTBOOK:,} for the textbook, whose cost is by the event), 1,000 an"
            f" invocation; boto3 signs and serialises, HTTP is stubbed. Median of {ROUNDS} rounds."
        ),
        figures=(
            Figure(what="textbook", measured=micros["textbook"], unit="µs an event"),
            Figure(what="ours", measured=micros["ours"], unit="µs an event"),
            Figure(
                what="textbook / ours",
                measured=micros["textbook"] / micros["ours"],
                unit="x",
                target=100,
                at_least=True,
            ),
        ),
    )


if __name__ == "__main__":
    print(answer().markdown())
