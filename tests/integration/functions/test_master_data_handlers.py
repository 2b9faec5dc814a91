"""Master data arrives, usage is enriched or parked, and is released when its master data arrives: on moto, whole."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.parked_usage import DynamoParkedUsage
from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.contracts.catalog import PublishedDocument, catalog_document
from shared.contracts.exceptions import read_message
from shared.contracts.usage_stream import read_accepted_rows
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.customer import ALWAYS
from shared.runtime import aws
from tests.builders.aws_resources import (
    create_bucket,
    create_queue,
    create_stream,
    create_table,
    messages_of,
    records_of,
)
from tests.builders.catalog import catalog, catalog_with_wayne
from tests.builders.lambda_functions import cold_start, sample_event

NIMBUS = TenantId("nimbus")
MARCH_FIRST, MARCH_TWENTIETH = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 20, tzinfo=UTC)
WAYNE_CODE = ExceptionCode.UNKNOWN_CUSTOMER
WAYNE = ExceptionId("UNKNOWN_CUSTOMER:wayne/api_calls")

Invoke = Callable[[dict[str, Any]], dict[str, Any]]


class Deployed:
    """The three functions on resources of their own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bucket = create_bucket("catalog")
        self.master_data_table = create_table("master-data")
        self.parked_table = create_table("parked-usage")
        self.ledger_table = create_table("ledger")
        self.releases_url = create_queue("parked-usage-releases")
        self.exceptions_url = create_queue("exceptions")
        self.exception_store = DynamoExceptionStore(aws.dynamodb(), create_table("exceptions"), NIMBUS)
        settings = {
            "TENANT": NIMBUS,
            "CATALOG_BUCKET": self.bucket,
            "MASTER_DATA_TABLE": self.master_data_table,
            "PARKED_USAGE_TABLE": self.parked_table,
            "METERING_LEDGER_TABLE": self.ledger_table,
            "ACCEPTED_USAGE_STREAM": create_stream("accepted-usage"),
            "BILLABLE_USAGE_STREAM": create_stream("billable-usage"),
            "PARKED_USAGE_RELEASES_QUEUE_URL": self.releases_url,
            "EXCEPTIONS_QUEUE_URL": self.exceptions_url,
            "MASTER_DATA_UNASKED_SECONDS": "0",
            "MASTER_DATA_MAX_AGE_SECONDS": "900",
        }
        self.sync_master_data = cold_start("sync_master_data", monkeypatch, **settings)
        self.enrich_usage = cold_start("enrich_usage", monkeypatch, **settings)
        self.release_parked_usage = cold_start("release_parked_usage", monkeypatch, **settings)

    def publish(self, whole: Catalog, published_at: datetime) -> PublishedDocument:
        published = catalog_document(whole, published_at=published_at)
        aws.s3().put_object(Bucket=self.bucket, Key=published.key, Body=published.body)
        return published

    def sync(self, published: PublishedDocument) -> dict[str, Any]:
        return self.sync_master_data(queue_event("sync_master_data", json.dumps(dict(published.message))))

    def version(self) -> str | None:
        return DynamoMasterData(aws.dynamodb(), self.master_data_table, NIMBUS).version()

    def parked(self) -> dict[str, int]:
        parked = DynamoParkedUsage(aws.dynamodb(), self.parked_table, NIMBUS)
        waiting = {one.group.exception_id: len(list(parked.parked(one.group, ALWAYS))) for one in parked.open_groups()}
        return {exception_id: count for exception_id, count in waiting.items() if count}

    def deliver_exceptions(self) -> None:
        for body in messages_of(self.exceptions_url):
            raised, resolved = read_message(body)
            for record in raised:
                self.exception_store.open(record)
            for resolution in resolved:
                self.exception_store.resolve(resolution)


def queue_event(function: str, body: str) -> dict[str, Any]:
    event = sample_event(function)
    event["Records"][0]["body"] = body
    return event


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with mock_aws():
        yield Deployed(monkeypatch)


def test_a_stored_catalogue_becomes_the_published_version(deployed: Deployed) -> None:
    published = deployed.publish(catalog(), MARCH_FIRST)

    assert deployed.sync(published) == {"batchItemFailures": []}

    assert deployed.version() == published.version
    assert [json.loads(body) for body in messages_of(deployed.releases_url)] == [
        {"tenant": "nimbus", "version": published.version}
    ]


def test_the_same_change_delivered_twice_publishes_once_and_asks_twice(deployed: Deployed) -> None:
    published = deployed.publish(catalog(), MARCH_FIRST)
    deployed.sync(published)
    deployed.sync(published)

    assert deployed.version() == published.version
    assert len(messages_of(deployed.releases_url)) == 2


def test_a_change_that_arrives_after_a_later_one_is_superseded(deployed: Deployed) -> None:
    earlier, later = deployed.publish(catalog(), MARCH_FIRST), deployed.publish(catalog_with_wayne(), MARCH_TWENTIETH)
    deployed.sync(later)

    assert deployed.sync(earlier) == {"batchItemFailures": []}

    assert deployed.version() == later.version


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{}", id="not what the version names"),
        pytest.param(b"", id="empty"),
    ],
)
def test_a_document_that_is_not_the_version_is_never_published(deployed: Deployed, body: bytes) -> None:
    published = deployed.publish(catalog(), MARCH_FIRST)
    aws.s3().put_object(Bucket=deployed.bucket, Key=published.key, Body=body)

    answer = deployed.sync(published)

    assert answer["batchItemFailures"] != []
    assert deployed.version() is None


def test_a_message_that_is_none_of_ours_comes_again_and_ends_in_the_dead_letters(deployed: Deployed) -> None:
    answer = deployed.sync_master_data(queue_event("sync_master_data", '{"tenant": "nimbus"}'))

    assert len(answer["batchItemFailures"]) == 1


def test_known_usage_goes_on_and_unknown_usage_waits(deployed: Deployed) -> None:
    deployed.sync(deployed.publish(catalog(), MARCH_FIRST))

    assert deployed.enrich_usage(sample_event("enrich_usage")) == {"batchItemFailures": []}

    (record,) = records_of("billable-usage")
    assert [row["contract_id"] for row in json.loads(record)] == ["c-acme"]
    assert deployed.parked() == {WAYNE: 1}
    checkpoints = DynamoStageProgress(aws.dynamodb(), deployed.ledger_table, NIMBUS).checkpoints("enrich")
    assert list(checkpoints) == ["shardId-000000000002"]


def test_parked_usage_is_released_as_it_was_when_its_customer_arrives(deployed: Deployed) -> None:
    deployed.sync(deployed.publish(catalog(), MARCH_FIRST))
    deployed.enrich_usage(sample_event("enrich_usage"))
    deployed.deliver_exceptions()
    assert [record.exception_id for record in deployed.exception_store.open_records(WAYNE_CODE)] == [WAYNE]

    deployed.sync(deployed.publish(catalog_with_wayne(), MARCH_TWENTIETH))
    assert deployed.release_parked_usage(sample_event("release_parked_usage")) == {"batchItemFailures": []}
    deployed.deliver_exceptions()

    (record,) = records_of("accepted-usage")
    (usage,) = read_accepted_rows(record)
    assert (usage.event.subject, str(usage.delivery)) == ("wayne", "shardId-000000000000:1002:0")
    assert usage.received_at == datetime(2026, 3, 15, 10, 7, 32, tzinfo=UTC)
    assert deployed.parked() == {}
    assert list(deployed.exception_store.open_records(WAYNE_CODE)) == []


def test_a_release_repeated_puts_nothing_back_twice(deployed: Deployed) -> None:
    deployed.sync(deployed.publish(catalog(), MARCH_FIRST))
    deployed.enrich_usage(sample_event("enrich_usage"))
    deployed.sync(deployed.publish(catalog_with_wayne(), MARCH_TWENTIETH))

    deployed.release_parked_usage(sample_event("release_parked_usage"))
    deployed.release_parked_usage(sample_event("release_parked_usage"))

    assert len(records_of("accepted-usage")) == 1


def test_parked_usage_whose_release_nobody_asked_for_is_released_within_the_hour(deployed: Deployed) -> None:
    deployed.sync(deployed.publish(catalog(), MARCH_FIRST))
    deployed.enrich_usage(sample_event("enrich_usage"))
    deployed.sync(deployed.publish(catalog_with_wayne(), MARCH_TWENTIETH))

    hourly = queue_event("release_parked_usage", '{"tenant":"nimbus"}')
    assert deployed.release_parked_usage(hourly) == {"batchItemFailures": []}

    assert deployed.parked() == {}


def test_a_warm_function_sees_the_next_version(deployed: Deployed) -> None:
    deployed.sync(deployed.publish(catalog(), MARCH_FIRST))
    deployed.enrich_usage(sample_event("enrich_usage"))
    deployed.sync(deployed.publish(catalog_with_wayne(), MARCH_TWENTIETH))

    deployed.enrich_usage(sample_event("enrich_usage"))

    _, second = records_of("billable-usage")
    assert [row["customer"] for row in json.loads(second)] == ["acme", "chandra"]


def test_a_batch_that_cannot_be_read_comes_again(deployed: Deployed) -> None:
    event = sample_event("enrich_usage")
    event["Records"][0]["kinesis"]["data"] = "e30="

    with pytest.raises(ValueError, match="list"):
        deployed.enrich_usage(event)
