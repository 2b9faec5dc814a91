"""What a million events cost, from capture to ledger: what the functions did, measured, times list prices."""

from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.bill import Bill, bill_of, read_prices
from benchmarks.capture_chain import Capture, capture
from benchmarks.load import Load, one_a_record
from benchmarks.report import Answer, Figure
from benchmarks.textbook import textbook
from benchmarks.write_units import units_of

EVENTS, ROUNDS = 20_000, 3
BEFORE_KINESIS_TARGET, TARGET = 0.03, 0.05


def answer() -> Answer:
    prices = read_prices()
    runs = [capture(EVENTS, packed=True) for _ in range(ROUNDS)]
    bills = sorted((bill_of(run, prices) for run in runs), key=lambda bill: bill.before_kinesis)
    unpacked = bill_of(capture(EVENTS, packed=False), prices)
    return Answer(
        question="Dollars a million events",
        module="benchmarks.dollars",
        setting=(
            f"{EVENTS:,} events, 1,000 an invocation, through the handlers of ingest, archive, enrich and aggregate on"
            " one lane; calls, units, bytes and CPU with the SDK are measured, moto answers. Prices are AWS's list for"
            " us-east-1 in benchmarks/list_prices.csv, which also has the waiting times that are assumed. The first"
            f" reads of master data are in it, as if an environment lived for {EVENTS:,} events. Streams are"
            " provisioned and half used. Not in it: storage, closing, recounting, tracing, keys, alarms. Median of"
            f" {ROUNDS} rounds."
        ),
        figures=(
            *_measured(runs),
            *_priced(bills[ROUNDS // 2], unpacked),
            _dollars("textbook in place of aggregate_usage, its write units", _textbook() * prices["dynamodb_write"]),
        ),
    )


def _measured(runs: Sequence[Capture]) -> Iterator[Figure]:
    run = runs[0]
    stages = run.stages.values()
    calls = sum(stage.aws.calls.total() for stage in stages)
    yield _an_event("write units, all four", sum(stage.aws.written for stage in stages), run)
    yield _an_event("read units, all four", sum(stage.aws.read for stage in stages), run)
    yield Figure(what="AWS calls per 1,000 events, all four", measured=calls * 1_000 / run.events)
    for name in run.stages:
        micros = median(one.stages[name].seconds for one in runs) / run.events * 1e6
        yield Figure(what=f"CPU of {name} with the SDK", measured=micros, unit="µs an event")
    yield _an_event("bytes on usage-events", sum(map(len, run.sent)), run)
    yield _an_event("bytes on accepted-usage", sum(map(len, run.stages["ingest_usage"].aws.records)), run)
    yield _an_event("bytes on billable-usage", sum(map(len, run.stages["enrich_usage"].aws.records)), run)


def _priced(packed: Bill, unpacked: Bill) -> Iterator[Figure]:
    yield _dollars("DynamoDB", packed.dynamodb)
    yield _dollars("Lambda", packed.functions)
    yield _dollars("S3", packed.s3)
    yield _dollars("**before Kinesis**", packed.before_kinesis, BEFORE_KINESIS_TARGET)
    yield _dollars("three streams, packed", packed.streams)
    yield _dollars("**with the three streams**", packed.with_streams, TARGET)
    yield _dollars("the same with one event a record on the first stream", unpacked.with_streams)
    yield _dollars("besides: that streams keep records for a week, as deployed", packed.retention)
    yield _dollars("besides: logs", packed.logs)
    yield _dollars("all that, packed", packed.with_streams + packed.retention + packed.logs)


def _textbook() -> float:
    load = Load()
    return units_of(textbook, one_a_record(load.texts(), events=1_000)).written / load.deliveries


def _an_event(what: str, total: float, run: Capture) -> Figure:
    return Figure(what=f"{what}, an event", measured=total / run.events)


def _dollars(what: str, measured: float, target: float | None = None) -> Figure:
    return Figure(what=what, measured=measured, unit="$", target=target)


if __name__ == "__main__":
    print(answer().markdown())
