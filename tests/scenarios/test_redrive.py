"""What was given up and is put back, twice at that: a dead letter, and a failed batch of a stream."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest

from operations.local.cloud import LocalCloud
from operations.u2c.collect import Collector
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, ExceptionStatus
from shared.domain.time_period import format_instant
from tests.scenarios.small_month import Played, SmallMonth, instant, usage

EVENTS = (usage("calls-1"), usage("calls-2", "initech"))
RECEIVES = 5  # of a work queue, until its message is a dead letter
MINUTES = 60  # of three attempts each: more than a batch of a stream is tried
# 99.00 + 60 x 0.10, with 19 % tax; 109.00 + 60 x 0.10
RECEIVABLES = {"nimbus-de EUR": Decimal("124.95"), "nimbus-us USD": Decimal("115.00")}


class EnvironmentDied(BaseException):
    """The machine under a function is gone."""


class Killer:
    """Kills every invocation of one function, at its first call."""

    def __init__(self, function: str) -> None:
        self.function = function
        self.deaths = 0

    def __call__(self, function: str, moment: str, operation: str) -> None:
        if function == self.function:
            self.deaths += 1
            raise EnvironmentDied


@pytest.fixture
def no_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave it to the test to move time on after the run, so that nothing else mends what it wants to mend."""
    monkeypatch.setattr("operations.u2c.run.SETTLING_STEPS_MAX", 0)


def small_month(folder: Path, until: str) -> SmallMonth:
    month = SmallMonth(folder, lines=[json.dumps(event) for event in EVENTS], until=instant(until))
    del month.catalog["legal_entities"][0]["approval"]
    return month


def as_it_is_now(played: Played) -> Played:
    """Read the books again."""
    cloud, given = played.result.cloud, played.given
    books = Collector(cloud, given.catalog).books(
        since=played.result.start,
        events_in_file=len(EVENTS),
        events_not_arrived=0,
        refused_by_producer=0,
        erps=played.result.erps,
    )
    return replace(played, result=replace(played.result, books=books))


def receivables(played: Played) -> dict[str, Decimal]:
    return {f"{entity} {code}": held.receivable for (entity, code), held in played.result.erps.figures().items()}


def exceptions(played: Played, code: ExceptionCode) -> list[ExceptionRecord]:
    return [
        record
        for record in played.result.books.exceptions
        if record.code is code and record.status is ExceptionStatus.OPEN
    ]


def let_pass(cloud: LocalCloud, minutes: int) -> None:
    """Let time pass for queues and streams; no schedule fires, so neither relay nor resolver comes to help."""
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=minutes))
    cloud.settle()


def taken_from(url: str) -> Iterator[str]:
    """Receive and delete everything in a queue, as a redrive does."""
    sqs = boto3.client("sqs")
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            yield message["Body"]
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


@pytest.mark.usefixtures("no_settling")
def test_a_posting_that_is_redriven_twice_from_its_dead_letter_queue_is_posted_once(tmp_path: Path) -> None:
    killer = Killer("post_to_erp")
    with small_month(tmp_path, until="2026-04-04").played(killer) as played:
        cloud = played.result.cloud
        cloud.on_call = killer
        for _ in range(RECEIVES + 1):
            let_pass(cloud, minutes=60)
        cloud.on_call = None
        cloud.invoke("record_dead_letters", {"time": format_instant(cloud.clock.now())})
        cloud.settle()
        given_up = as_it_is_now(played)

        assert killer.deaths >= 2 * RECEIVES
        assert {record.subject for record in exceptions(given_up, ExceptionCode.DEAD_LETTER)} == {
            "erp-postings/c-acme/2026-03/r1",
            "erp-postings/c-initech/2026-03/r1",
        }
        assert receivables(given_up) == {}
        assert given_up.tie_out.ties  # what is not posted is a difference with a name
        assert [one.documents for one in given_up.tie_out.waiting] == [1, 1]

        let_pass(cloud, minutes=60)
        dead = list(taken_from(cloud.resource("ErpPostingsDeadLetterQueueUrl")))
        for body in [*dead, *dead]:
            cloud.send("ErpPostings", json.loads(body))
        let_pass(cloud, minutes=60)
        redriven = as_it_is_now(played)

        assert [intent.state.value for intent in redriven.result.books.intents] == ["posted", "posted"]
        assert [invoice.state.value for invoice in redriven.result.books.invoices.values()] == ["posted", "posted"]
        assert len(redriven.result.books.erp_documents) == 2
        assert receivables(redriven) == RECEIVABLES
        assert redriven.tie_out.is_settled


@pytest.mark.usefixtures("no_settling")
@pytest.mark.parametrize("function", ["ingest_usage", "enrich_usage", "aggregate_usage"])
def test_a_failed_batch_that_is_put_back_twice_counts_once(function: str, tmp_path: Path) -> None:
    killer = Killer(function)
    with small_month(tmp_path, until="2026-03-31").played(killer) as played:
        cloud = played.result.cloud
        cloud.on_call = killer
        for _ in range(MINUTES):
            let_pass(cloud, minutes=1)
        cloud.on_call = None
        given_up = as_it_is_now(played)
        batches = list(failed_batches(cloud))

        assert batches
        assert len(exceptions(given_up, ExceptionCode.FAILED_BATCH)) == len(batches)
        assert given_up.result.books.events_in_ledger == 0

        for batch in [*batches, *batches]:
            cloud.invoke(function, batch)
            cloud.settle()
        for day in range(1, 5):
            cloud.advance_to(instant(f"2026-04-{day:02d}"))
        billed = as_it_is_now(played)

        assert billed.result.books.events_in_ledger == len(EVENTS)
        assert len(billed.result.books.erp_documents) == 2
        assert receivables(billed) == RECEIVABLES
        assert billed.tie_out.is_settled


def failed_batches(cloud: LocalCloud) -> Iterator[dict[str, Any]]:
    s3, bucket = boto3.client("s3"), cloud.resource("FailedBatchesBucket")
    for found in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
        yield json.loads(body)["payload"]
