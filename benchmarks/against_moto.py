"""How many events a second a store takes that does what DynamoDB does: moto, in the same process."""

import os
from collections.abc import Sequence
from statistics import median
from time import perf_counter

from moto import mock_aws

from benchmarks.load import Load, one_a_record, packed
from benchmarks.ours import TABLE, ours
from benchmarks.report import Answer, Figure
from benchmarks.textbook import textbook
from benchmarks.turns import Handler, run_silently
from shared.runtime import aws
from tests.builders.aws_resources import create_table

os.environ |= {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
}
ROUNDS = 3
_OF_TEXTBOOK = 200


def answer() -> Answer:
    load = Load()
    texts = load.texts()
    of_textbook, of_ours = one_a_record(texts[:_OF_TEXTBOOK], events=1_000), packed(texts, events=1_000)
    rates: dict[str, list[float]] = {"textbook": [], "ours": []}
    for _ in range(ROUNDS):
        with mock_aws():
            _create_tables()
            client = aws.dynamodb()
            rates["textbook"].append(_OF_TEXTBOOK / _seconds(textbook(client), of_textbook))
            rates["ours"].append(load.deliveries / _seconds(ours(client), of_ours))
    each = {name: median(found) for name, found in rates.items()}
    return Answer(
        question="Against moto",
        module="benchmarks.against_moto",
        setting=(
            f"{load.deliveries:,} deliveries ({_OF_TEXTBOOK} for the textbook), 1,000 an invocation, every call"
            f" answered by moto in the process. Median of {ROUNDS} rounds in turns."
        ),
        figures=(
            Figure(what="textbook", measured=each["textbook"], unit="events a second"),
            Figure(what="ours", measured=each["ours"], unit="events a second"),
            Figure(
                what="ours / textbook", measured=each["ours"] / each["textbook"], unit="x", target=300, at_least=True
            ),
        ),
    )


def _seconds(handler: Handler, envelopes: Sequence[bytes]) -> float:
    started = perf_counter()
    run_silently(handler, envelopes)
    return perf_counter() - started


def _create_tables() -> None:
    for table in (TABLE, "counters"):
        create_table(table)
    aws.dynamodb().create_table(
        TableName="idempotency",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )


if __name__ == "__main__":
    print(answer().markdown())
