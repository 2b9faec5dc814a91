"""What handlers of the streams load when they start: nothing that they do not use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.handler_settings import settings_of

ROOT = Path(__file__).parents[2]
NEVER = {
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parser",
    "boto3",
    "cryptography",
    "duckdb",
    "httpx",
    "moto",
    "s3transfer",
    "typst",
    "yaml",
}


def modules_after_start(function: str) -> set[str]:
    code = f"import sys, functions.{function}.handler; print(*sys.modules)"
    environment = {**os.environ, **settings_of(function)}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return set(ended.stdout.split())


@pytest.mark.parametrize(
    ("function", "unused"),
    [
        ("ingest_usage", {"pydantic", "shared.domain.master_data.catalog", "shared.domain.metering.aggregate"}),
        ("archive_usage", {"pydantic", "fastjsonschema"}),
        ("enrich_usage", set[str]()),
        ("aggregate_usage", {"fastjsonschema"}),
    ],
)
def test_a_handler_of_a_stream_starts_without_what_it_does_not_use(function: str, unused: set[str]) -> None:
    loaded = modules_after_start(function)

    assert f"functions.{function}.use_case" in loaded
    assert sorted(loaded & (NEVER | unused)) == []
