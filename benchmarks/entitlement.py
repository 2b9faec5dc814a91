"""Measures the entitlement check: 200 customers with a limit, half a month of usage, and more coming in between.

AWS is moto in this process, which sorts the whole table for each query: told first is what function and moto take
together, then what is left without moto. Cold is a first question to a function that knows nothing yet.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from botocore.awsrequest import AWSResponse
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from benchmarks.month_load import write_month
from operations.catalog.load import load_catalog
from shared.adapters.dynamodb.master_data_versions import DynamoMasterDataVersions
from shared.domain.entitlement.entitlement import MeterEntitlement
from shared.domain.identifiers import CatalogVersion, MeterCode
from shared.domain.master_data.catalog import Catalog
from shared.runtime import aws, clock
from tests.builders.aws_resources import create_table
from tests.builders.lambda_functions import FakeContext, sample_event
from tests.builders.metered_usage import LAYOUT_TEXT, TENANT, MeteringWorld, a_row

CUSTOMERS, DAYS, EVENTS_A_DAY = 200, 14, 2
WARM, COLD, QUESTIONS_BETWEEN_EVENTS = 500, 30, 10
START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = START + timedelta(days=DAYS + 1, hours=12)
HANDLER = "functions.check_entitlement.handler"
SETTINGS = {
    "TENANT": TENANT,
    "BUCKET_LAYOUT": LAYOUT_TEXT,
    "FUTURE_TOLERANCE_SECONDS": "300",
    "MASTER_DATA_TABLE": "master-data",
    "METERING_LEDGER_TABLE": "ledger",
    "MASTER_DATA_UNASKED_SECONDS": "10",
    "MASTER_DATA_MAX_AGE_SECONDS": "900",
    "ENTITLEMENT_WHEN_UNKNOWN": "allow",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "AWS_DEFAULT_REGION": "eu-central-1",
}


class MotoTime:
    """Seconds and calls that the stand-in for AWS has taken."""

    def __init__(self) -> None:
        self.seconds, self.calls = 0.0, 0
        BotocoreStubber.__call__ = self._timed(BotocoreStubber.__call__)  # type: ignore[method-assign]

    def _timed(self, answer: Callable[..., AWSResponse | None]) -> Callable[..., AWSResponse | None]:
        def timed(*arguments: object, **named: object) -> AWSResponse | None:
            started = time.perf_counter()
            try:
                return answer(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - started
                self.calls += 1

        return timed


@dataclass(frozen=True, slots=True)
class Answer:
    seconds: float
    of_moto: float
    calls: int


MOTO = MotoTime()


def main() -> None:
    os.environ |= SETTINGS
    with mock_aws():
        for table in ("ledger", "master-data"):
            create_table(table)
        world, random = MeteringWorld.on_dynamodb("ledger"), Random(20_260_315)
        _publish()
        _count_half_a_month(world)
        clock.read_seconds = NOW.timestamp
        cold = [_asked(_fresh_handler(), random) for _ in range(COLD)]
        handler, warm = _fresh_handler(), []
        for number in range(WARM + CUSTOMERS):
            if number % QUESTIONS_BETWEEN_EVENTS == 0:
                world.count(*_events(NOW, number))
            warm.append(_asked(handler, random))
    print(f"{CUSTOMERS} customers, {DAYS} sealed days and 2 open ones; moto in the same process\n")
    print(f"{'':24}{'':>8}with moto{'':>9}without")
    print(f"{'':24}{'p50 ms':>8}{'p99 ms':>8}{'p50 ms':>8}{'p99 ms':>8}{'calls':>8}")
    _tell("warm", warm[CUSTOMERS:])
    _tell("cold, imports aside", cold)
    print(f"{'imports of the handler':24}{median(_import_seconds() for _ in range(5)) * 1e3:8.0f}")


def _publish() -> None:
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_catalog(write_month(Path(folder, "month"), customers=CUSTOMERS, events=0)[0])
    assert isinstance(loaded, Catalog), loaded
    limit = MeterEntitlement(meter=MeterCode("api_calls"), limit=Decimal(1_000), overage=True)
    version = CatalogVersion("2026-03-01T00:00:00.000000Z-000000000001")
    versions = DynamoMasterDataVersions(aws.dynamodb(), "master-data", TENANT)
    versions.write(version, replace(loaded, plans=tuple(replace(p, entitlements=(limit,)) for p in loaded.plans)))
    versions.publish(version)


def _count_half_a_month(world: MeteringWorld) -> None:
    for day in range(DAYS + 2):
        noon = START + timedelta(days=day, hours=12)
        for number in range(EVENTS_A_DAY):
            world.count(*_events(noon + timedelta(minutes=15 * number), number))
        world.close(noon)
    world.close(NOW)


def _events(at: datetime, number: int) -> list[Any]:
    return [
        a_row(f"{customer}-{at:%d%H%M}-{number}", subject=customer, occurred_at=at, aggregation="count")
        for customer in map(_customer, range(CUSTOMERS))
    ]


def _customer(number: int) -> str:
    return f"customer-{number:04d}"


def _fresh_handler() -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    sys.modules.pop(HANDLER, None)
    handler: Callable[[dict[str, Any], Any], dict[str, Any]] = import_module(HANDLER).handler
    return handler


def _asked(handler: Callable[[dict[str, Any], Any], dict[str, Any]], random: Random) -> Answer:
    event = sample_event("check_entitlement")
    event["pathParameters"]["subject"] = _customer(random.randrange(CUSTOMERS))
    of_moto, calls, started = MOTO.seconds, MOTO.calls, time.perf_counter()
    response = handler(event, FakeContext("check_entitlement"))
    seconds = time.perf_counter() - started
    assert json.loads(response["body"])["reason"] == "within_limit", response
    return Answer(seconds, MOTO.seconds - of_moto, MOTO.calls - calls)


def _tell(name: str, answers: list[Answer]) -> None:
    figures = ""
    for taken in ([one.seconds for one in answers], [one.seconds - one.of_moto for one in answers]):
        p99 = sorted(taken)[len(taken) * 99 // 100]
        figures += f"{median(taken) * 1e3:8.1f}{p99 * 1e3:8.1f}"
    print(f"{name:24}{figures}{sum(one.calls for one in answers) / len(answers):8.1f}")


def _import_seconds() -> float:
    command = [sys.executable, "-c", f"import {HANDLER}"]
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
