"""What AWS would charge for a run of capture, in dollars a million events: list_prices.csv says what for."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.capture_chain import Capture, Stage

SHARE_OF_A_SHARD = 0.5
MEMORY_MB = {"ingest_usage": 1024, "archive_usage": 512, "enrich_usage": 1024, "aggregate_usage": 1024}  # infra/stages
_PRICES = Path(__file__).with_name("list_prices.csv")
_PAYLOAD_UNIT_BYTES = 25 * 1024
_MILLION = 1e6
Prices = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Dollars a million events. `retention` is what streams cost more that keep records for a week, not for a day."""

    dynamodb: float
    functions: float
    s3: float
    streams: float
    retention: float
    logs: float

    @property
    def before_kinesis(self) -> float:
        return self.dynamodb + self.functions + self.s3

    @property
    def with_streams(self) -> float:
        return self.before_kinesis + self.streams


def read_prices() -> Prices:
    """Return list prices and assumptions by name, in the units that the file states."""
    with _PRICES.open(newline="", encoding="utf-8") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file)}


def bill_of(run: Capture, prices: Prices) -> Bill:
    # Prices are by the million, so what is divided by the events is dollars a million of them.
    stages = run.stages.values()
    streams = [[record.encode() for record in run.sent], *(stage.aws.records for stage in stages if stage.aws.records)]
    shard_hours = sum(_shard_hours(stream, prices) for stream in streams) * _MILLION
    payload_units = sum(-(-len(record) // _PAYLOAD_UNIT_BYTES) for stream in streams for record in stream)
    written, read = (sum(stage.aws.written for stage in stages), sum(stage.aws.read for stage in stages))
    invocations = sum(stage.invocations for stage in stages)
    gb_seconds = sum(_gb_seconds(stage, MEMORY_MB[name], prices) for name, stage in run.stages.items())
    logged = sum(stage.logged_bytes for stage in stages) + invocations * prices["platform_log_bytes"]
    return Bill(
        dynamodb=(written * prices["dynamodb_write"] + read * prices["dynamodb_read"]) / run.events,
        functions=(invocations * prices["lambda_request"] + gb_seconds * prices["lambda_gb_second"]) / run.events,
        s3=sum(stage.aws.calls["s3"] for stage in stages) * prices["s3_put"] / run.events,
        streams=(shard_hours * prices["kinesis_shard_hour"] + payload_units * prices["kinesis_payload_unit"])
        / run.events,
        retention=shard_hours * prices["kinesis_retention_hour"] / run.events,
        logs=logged / 1e9 * _MILLION * prices["logs_gb"] / run.events,
    )


def _gb_seconds(stage: Stage, memory_mb: int, prices: Prices) -> float:
    """Return what is billed for a function: working with the share of a vCPU that its memory brings, and waiting."""
    waiting_ms = stage.invocations * prices["invocation_ms"]
    waiting_ms += sum(count * prices[f"{service}_call_ms"] for service, count in stage.aws.calls.items())
    working = stage.seconds * prices["lambda_mb_a_vcpu"] / memory_mb
    return (working + waiting_ms / 1e3) * memory_mb / 1024


def _shard_hours(records: Sequence[bytes], prices: Prices) -> float:
    by_size = sum(map(len, records)) / prices["shard_bytes_a_second"]
    by_number = len(records) / prices["shard_records_a_second"]
    return max(by_size, by_number) / SHARE_OF_A_SHARD / 3_600
