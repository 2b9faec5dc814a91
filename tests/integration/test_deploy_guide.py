"""The guide to a deployment keeps its word: its code publishes a catalogue as sync_master_data reads it."""

import json
import re
import textwrap
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from operations.catalog.load import load_catalog
from shared.contracts.catalog import read_catalog
from tests.fakes.catalog_folder import write_catalog

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "deploy.md").read_text(encoding="utf-8")
BUCKET = "catalogs-of-nimbus"


@mock_aws
def test_its_code_publishes_a_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    folder = tmp_path / "catalog"
    folder.mkdir()
    write_catalog(folder)
    monkeypatch.chdir(tmp_path)
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    queue = sqs.create_queue(QueueName="master-data-changes")["QueueUrl"]

    exec(textwrap.dedent(code), {"CATALOG_BUCKET": BUCKET, "MASTER_DATA_CHANGES_QUEUE": queue})

    (received,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    message = json.loads(received["Body"])
    document = s3.get_object(Bucket=BUCKET, Key=message["key"])["Body"].read()
    assert message["tenant"] == "nimbus"
    assert message["key"] == f"nimbus/{message['version']}.json"
    assert read_catalog(json.loads(document)) == load_catalog(folder)
