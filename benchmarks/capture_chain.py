"""Usage through the four functions of capture as they are deployed, each fed what the one before it published."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import StringIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any
from unittest.mock import patch
from uuid import UUID

from moto import mock_aws

from benchmarks.aws_meter import AwsMeter
from benchmarks.handler_settings import settings_of
from benchmarks.load import cut, envelope, pack
from benchmarks.month_load import write_month
from operations.catalog.load import load_catalog
from shared.adapters.dynamodb.master_data_versions import DynamoMasterDataVersions
from shared.domain.identifiers import CatalogVersion, TenantId
from shared.domain.master_data.catalog import Catalog
from shared.domain.metering.meter import Aggregation
from shared.runtime import aws
from tests.builders.aws_resources import create_bucket, create_stream, create_table
from tests.builders.lambda_functions import FakeContext

CUSTOMERS, BATCH = 200, 1_000
START = datetime(2026, 3, 15, 10, tzinfo=UTC)
STAGES = ("ingest_usage", "archive_usage", "enrich_usage", "aggregate_usage")
_BUILDERS = {"_TABLE": create_table, "_STREAM": create_stream, "_BUCKET": create_bucket}


@dataclass(slots=True)
class Stage:
    """What a function did: invocations, CPU with the AWS SDK and without AWS, bytes that it logged, and its calls."""

    invocations: int = 0
    seconds: float = 0.0
    logged_bytes: int = 0
    aws: AwsMeter = field(default_factory=AwsMeter)


@dataclass(frozen=True, slots=True)
class Capture:
    """Events in records as a producer sends them, and what each function made of them."""

    events: int
    sent: Sequence[str]
    stages: dict[str, Stage]


def capture(events: int, *, packed: bool) -> Capture:
    """Send so many events, 1,000 a second and an invocation; every one must reach the ledger."""
    texts = _events(events)
    batches = [list(pack(batch)) if packed else list(batch) for batch in cut(texts, BATCH)]
    run = Capture(events, [record for batch in batches for record in batch], {name: Stage() for name in STAGES})
    settings = {name: value for stage in STAGES for name, value in settings_of(stage).items()}
    with patch.dict(os.environ, settings), mock_aws():
        _create(settings)
        _publish(settings)
        handlers = {name: _handler(name) for name in STAGES}
        for number, records in enumerate(batches):
            _invoke(run, handlers, "archive_usage", records, number)
            accepted = _invoke(run, handlers, "ingest_usage", records, number)
            billable = _invoke(run, handlers, "enrich_usage", accepted, number)
            _invoke(run, handlers, "aggregate_usage", billable, number)
    counted = sum(len(json.loads(record)) for record in run.stages["enrich_usage"].aws.records)
    if counted != events:
        raise RuntimeError(f"{events} events were sent, {counted} are billable")
    return run


def _invoke(
    run: Capture, handlers: dict[str, Callable[[Any, Any], Any]], name: str, records: Sequence[str], number: int
) -> Sequence[str]:
    """Return what the function put on its stream."""
    stage, event = run.stages[name], envelope(records, number, start=START)
    put = len(stage.aws.records)
    moto, log = stage.aws.moto_seconds, StringIO()
    with stage.aws.watching(), redirect_stdout(log):
        started = process_time()
        handlers[name](json.loads(event), FakeContext(name))
        stage.seconds += process_time() - started - (stage.aws.moto_seconds - moto)
    stage.invocations += 1
    stage.logged_bytes += len(log.getvalue().encode())
    return [record.decode() for record in stage.aws.records[put:]]


def _handler(name: str) -> Callable[[Any, Any], Any]:
    module = f"functions.{name}.handler"
    sys.modules.pop(module, None)
    handler: Callable[[Any, Any], Any] = import_module(module).handler
    return handler


def _events(count: int) -> list[str]:
    random = Random(20_260_315)
    return [json.dumps(_event(random, number), separators=(",", ":")) for number in range(count)]


def _event(random: Random, number: int) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": str(UUID(int=random.getrandbits(128), version=4)),
        "source": "/nimbus/platform",
        "type": "usage.recorded",
        "subject": f"customer-{random.randrange(CUSTOMERS):04d}",
        "time": (START + timedelta(milliseconds=number) - timedelta(seconds=random.randrange(1, 5))).isoformat(),
        "dataschema": "urn:usage-contract:usage:2",
        "data": {
            "meter": random.choice(["api_calls", "data_transfer", "peak_storage", "seats", "active_users"]),
            "quantity": str(random.randrange(1, 5_000)),
            "dimensions": {"region": random.choice(["eu", "us"])},
        },
    }


def _create(settings: dict[str, str]) -> None:
    for setting, name in settings.items():
        for suffix, create in _BUILDERS.items():
            if setting.endswith(suffix):
                create(name)


def _publish(settings: dict[str, str]) -> None:
    """Publish a catalogue of 200 customers and five meters, all of them sums."""
    with TemporaryDirectory() as folder:
        loaded = load_catalog(write_month(Path(folder, "month"), customers=CUSTOMERS, events=0)[0])
    assert isinstance(loaded, Catalog), loaded
    version = CatalogVersion("2026-03-01T00:00:00.000000Z-000000000001")
    versions = DynamoMasterDataVersions(aws.dynamodb(), settings["MASTER_DATA_TABLE"], TenantId(settings["TENANT"]))
    meters = tuple(replace(meter, aggregation=Aggregation.SUM) for meter in loaded.meters)
    versions.write(version, replace(loaded, meters=meters))
    versions.publish(version)
