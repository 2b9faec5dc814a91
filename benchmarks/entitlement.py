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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from unittest.mock import patch

from botocore.awsrequest import AWSResponse
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from benchmarks.month_load import write_month
from benchmarks.report import Answer, Figure
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


@dataclass(slots=True)
class MotoTime:
    """Seconds and calls that the stand-in for AWS has taken, as long as it is watched."""

    seconds: float = 0.0
    calls: int = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        process = BotocoreStubber.__call__

        def timed(*arguments: Any, **named: Any) -> AWSResponse | None:  # noqa: ANN401 - as moto is called
            started = time.perf_counter()
            try:
                return process(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - started
                self.calls += 1

        with patch.object(BotocoreStubber, "__call__", timed):
            yield


@dataclass(frozen=True, slots=True)
class Asked:
    seconds: float
    of_moto: float
    calls: int


def answer() -> Answer:
    moto = MotoTime()
    at_that_time = patch.object(clock, "read_seconds", NOW.timestamp)
    with patch.dict(os.environ, SETTINGS), mock_aws(), at_that_time, moto.watched():
        cold, warm = _measure(moto)
        imports = median(_import_seconds() for _ in range(5))
    return Answer(
        question="What may a customer use?",
        module="benchmarks.entitlement",
        setting=(
            f"{CUSTOMERS} customers with a limit, {DAYS} sealed days of usage and two open ones, {CUSTOMERS} events"
            f" after every {QUESTIONS_BETWEEN_EVENTS} of {WARM} questions. Moto in the same process, which sorts the"
            " whole table for each query; without it is what is left, the function and the AWS SDK."
        ),
        figures=(
            *_figures("warm", warm),
            *_figures("cold, imports aside", cold),
            Figure(what="import of the handler", measured=imports * 1e3, unit="ms"),
        ),
    )


def _measure(moto: MotoTime) -> tuple[list[Asked], list[Asked]]:
    for table in ("ledger", "master-data"):
        create_table(table)
    world, random = MeteringWorld.on_dynamodb("ledger"), Random(20_260_315)
    _publish()
    _count_half_a_month(world)
    cold = [_asked(_fresh_handler(), random, moto) for _ in range(COLD)]
    handler, warm = _fresh_handler(), []
    for number in range(WARM + CUSTOMERS):
        if number % QUESTIONS_BETWEEN_EVENTS == 0:
            world.count(*_events(NOW, number))
        warm.append(_asked(handler, random, moto))
    return cold, warm[CUSTOMERS:]


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


def _asked(handler: Callable[[dict[str, Any], Any], dict[str, Any]], random: Random, moto: MotoTime) -> Asked:
    event = sample_event("check_entitlement")
    event["pathParameters"]["subject"] = _customer(random.randrange(CUSTOMERS))
    of_moto, calls, started = moto.seconds, moto.calls, time.perf_counter()
    response = handler(event, FakeContext("check_entitlement"))
    seconds = time.perf_counter() - started
    assert json.loads(response["body"])["reason"] == "within_limit", response
    return Asked(seconds, moto.seconds - of_moto, moto.calls - calls)


def _figures(name: str, asked: list[Asked]) -> Iterator[Figure]:
    without = [one.seconds - one.of_moto for one in asked]
    for taken, how in (([one.seconds for one in asked], name), (without, f"{name}, without moto")):
        yield Figure(what=f"p50, {how}", measured=median(taken) * 1e3, unit="ms")
        yield Figure(what=f"p99, {how}", measured=sorted(taken)[len(taken) * 99 // 100] * 1e3, unit="ms")
    yield Figure(what=f"AWS calls, {name}", measured=sum(one.calls for one in asked) / len(asked))


def _import_seconds() -> float:
    command = [sys.executable, "-c", f"import {HANDLER}"]
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    print(answer().markdown())
