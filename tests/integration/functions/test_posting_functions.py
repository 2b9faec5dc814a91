"""The posting functions through their handlers, on moto, to a simulator."""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest

from shared.adapters.dynamodb.posting_intents import new_intent_writes
from shared.domain.identifiers import PostingId
from shared.domain.master_data.approval_policy import ApprovalPolicy
from shared.domain.master_data.catalog import DimensionMapping, LegalEntity
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.intent import IntentState
from shared.domain.posting.names import accrual_name, reversal_name
from shared.runtime import aws, clock
from simulators.erp import Fault
from tests.builders.posting import FIRST_OF_NOVEMBER, TENANT, a_document, an_intent
from tests.contract.adapters.test_posting_intents import TABLE, DynamoOutbox
from tests.contract.erp.conftest import OpenSite, PostingSite, Surroundings, open_site, surroundings  # noqa: F401 - a fixture

SAMPLES = Path(__file__).parents[3] / "events" / "aws"


class Platform:
    """Tables, queues and the ERP of one tenant, with the handlers loaded as Lambda loads them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, site: PostingSite) -> None:
        for client in (aws.dynamodb, aws.sqs, aws.secretsmanager, aws.kms, aws.stepfunctions):
            client.cache_clear()
        self.site = site
        self.outbox = DynamoOutbox()
        self.sqs = boto3.client("sqs")
        self.exceptions = self.sqs.create_queue(QueueName="exceptions")["QueueUrl"]
        self.postings = self.sqs.create_queue(QueueName="erp-postings")["QueueUrl"]
        self.follow_ups = self.sqs.create_queue(QueueName="posting-follow-ups")["QueueUrl"]
        documents = self.sqs.create_queue(QueueName="invoice-documents")["QueueUrl"]
        for name, setting in {
            "TENANT": TENANT,
            "POSTINGS_TABLE": TABLE,
            "INVOICES_TABLE": "invoices",
            "MASTER_DATA_TABLE": "master-data",
            "EXCEPTIONS_TABLE": "exceptions",
            "EXCEPTIONS_QUEUE_URL": self.exceptions,
            "ERP_POSTINGS_QUEUE_URL": self.postings,
            "POSTING_FOLLOW_UPS_QUEUE_URL": self.follow_ups,
            "INVOICE_DOCUMENTS_QUEUE_URL": documents,
            "ERP_SIGNING_KEY_ID": "unused",
        }.items():
            monkeypatch.setenv(name, setting)
        monkeypatch.setattr(clock, "read_seconds", lambda: site.clock.now().timestamp())

    def handler(self, function: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Any]:
        name = f"functions.{function}.handler"
        sys.modules.pop(name, None)
        module: ModuleType = importlib.import_module(name)
        if hasattr(module, "erps"):
            monkeypatch.setattr(module, "erps", self.site.routing)
            monkeypatch.setattr(module, "master_data", self.site.master_data)
        for name in ("redater", "accruer", "recorder"):
            if hasattr(module, name):
                part = replace(getattr(module, name), master_data=self.site.master_data)
                monkeypatch.setattr(module, name, part)
        if hasattr(module, "repairer"):
            monkeypatch.setattr(module, "repairer", replace(module.repairer, erps=module.erps))
        if hasattr(module, "resolver"):
            names = ("erps", "redater", "accruer", "master_data")
            parts = {name: getattr(module, name) for name in names}
            monkeypatch.setattr(module, "resolver", replace(module.resolver, **parts))
        for name in ("to_be_sent", "to_be_followed_up"):
            if hasattr(module, name):
                asking = replace(getattr(module, name), master_data=self.site.master_data)
                monkeypatch.setattr(module, name, asking)
        return lambda event: module.handler(event, _Context())

    @property
    def entity(self) -> LegalEntity:
        assert self.site.master_data.entity is not None
        return self.site.master_data.entity

    def messages(self, queue_url: str) -> list[Any]:
        reply = self.sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in reply.get("Messages", [])]


class _Context:
    function_name = "posting"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:posting"
    aws_request_id = "8a1f"


@pytest.fixture
def around() -> Iterator[Surroundings]:
    """Every platform has an AWS of its own."""
    with surroundings(boto3.client("secretsmanager")) as around:
        yield around


@pytest.fixture
def platform(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:  # noqa: F811
    yield Platform(monkeypatch, open_site("business_central"))
    for client in (aws.dynamodb, aws.sqs, aws.secretsmanager, aws.kms, aws.stepfunctions):
        client.cache_clear()


def sample(function: str) -> Any:
    return json.loads((SAMPLES / f"{function}.json").read_text())


def test_a_message_posts_a_document_and_a_token_nobody_waits_for_does_no_harm(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.outbox.add(an_intent())
    post = platform.handler("post_to_erp", monkeypatch)

    assert post(sample("post_to_erp")) == {"batchItemFailures": []}
    assert post(sample("post_to_erp")) == {"batchItemFailures": []}

    intent = platform.outbox.read(an_intent().posting_id)
    assert intent is not None
    assert (intent.state, intent.answered) == (IntentState.POSTED, True)
    assert platform.site.posted() == [a_document().external_ref]
    assert platform.messages(platform.exceptions) == []


def test_a_message_of_another_tenant_is_reported_as_failed(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.outbox.add(an_intent())
    event = sample("post_to_erp")
    event["Records"][0]["body"] = json.dumps({"tenant": "globex", "posting_id": an_intent().posting_id})

    answer = platform.handler("post_to_erp", monkeypatch)(event)

    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    assert platform.site.posted() == []


def test_a_lost_reply_is_raised_resolved_and_told(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.outbox.add(an_intent())
    platform.site.simulator.faults.script(Fault.LOSE_REPLY, operation="create_invoice")
    platform.handler("post_to_erp", monkeypatch)(sample("post_to_erp"))
    (raised,) = platform.messages(platform.exceptions)
    assert raised["raise"][0]["code"] == "POSTING_UNKNOWN"

    platform.site.clock.instant = FIRST_OF_NOVEMBER.replace(minute=15)
    platform.handler("relay_postings", monkeypatch)({"time": "2026-11-01T06:15:00Z"})
    assert platform.messages(platform.follow_ups) == [{"tenant": "default", "posting_id": "acme-2026/2026-10/r1"}]
    answer = platform.handler("resolve_unknown_postings", monkeypatch)(sample("resolve_unknown_postings"))

    assert answer == {"batchItemFailures": []}
    intent = platform.outbox.read(an_intent().posting_id)
    assert intent is not None
    assert intent.state is IntentState.POSTED
    (resolved,) = [message for message in platform.messages(platform.exceptions) if "resolve" in message]
    assert resolved["resolve"][0]["exception_id"] == "POSTING_UNKNOWN:acme-2026/2026-10/r1"


def test_the_relay_asks_for_what_nobody_sends(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.outbox.add(an_intent())
    relay = platform.handler("relay_postings", monkeypatch)

    relay(sample("relay_postings"))
    assert platform.messages(platform.postings) == []
    relay({"time": "2026-11-01T06:15:00Z"})

    assert platform.messages(platform.postings) == [{"tenant": "default", "posting_id": "acme-2026/2026-10/r1"}]


def test_a_posting_that_is_not_refused_is_not_repaired(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.outbox.add(an_intent())

    answer = platform.handler("repair_posting", monkeypatch)(sample("repair_posting"))

    reason = "acme-2026/2026-10/r1 is not sent yet: wait until it is, or cancel it"
    assert answer == {"outcome": "refused", "reason": reason}


def test_what_its_period_refuses_goes_into_the_next_one_by_a_posting_of_its_own_and_is_accrued(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {**platform.entity.erp.settings, "journal_template": "GENERAL"}
    mapping = replace(platform.entity.erp, accounts={"unbilled_receivables": "1250"}, settings=settings)
    entity = replace(platform.entity, on_closed_period=ClosedPeriodPolicy.ACCRUE, erp=mapping)
    platform.site.master_data.entity = entity
    platform.outbox.add(an_intent(on_closed_period=entity.on_closed_period))
    platform.site.simulator.faults.script(Fault.CLOSED_PERIOD, operation="post_invoice")
    platform.handler("post_to_erp", monkeypatch)(sample("post_to_erp"))

    platform.site.clock.instant = FIRST_OF_NOVEMBER.replace(minute=10)
    platform.handler("resolve_unknown_postings", monkeypatch)(sample("resolve_unknown_postings"))
    platform.handler("post_to_erp", monkeypatch)(sample("post_to_erp"))

    refused, posted = platform.outbox.chain(an_intent().posting_id)
    assert (refused.state, posted.state) == (IntentState.REJECTED, IntentState.POSTED)
    assert posted.posted_period == "2026-11"
    assert platform.site.posted() == [posted.external_ref]
    assert platform.messages(platform.exceptions) == []

    follow_up = sample("resolve_unknown_postings")
    follow_up["Records"][0]["body"] = json.dumps({"tenant": "default", "posting_id": posted.posting_id})
    platform.handler("resolve_unknown_postings", monkeypatch)(follow_up)

    accrual, reversal = (
        platform.outbox.chain(name.first_posting)[0]
        for name in (accrual_name(posted.posting_id), reversal_name(posted.posting_id))
    )
    assert [one.document.accounting_period for one in (accrual, reversal)] == ["2026-10", "2026-11"]
    assert not platform.outbox.chain(posted.posting_id)[0].needs_action
    for one in (accrual, reversal):
        message = {"tenant": "default", "posting_id": one.posting_id}
        event = sample("post_to_erp")
        event["Records"][0]["body"] = json.dumps(message)
        platform.handler("post_to_erp", monkeypatch)(event)
        assert platform.outbox.chain(one.posting_id)[0].state is IntentState.POSTED
    unbilled = [
        (entry.posting_date, str(line.amount))
        for entry in platform.site.simulator.ledger.entries
        for line in entry.lines
        if line.account == "1250"
    ]
    assert unbilled == [(date(2026, 10, 31), "1200.57"), (date(2026, 11, 1), "-1200.57")]


def test_a_prepared_journal_is_in_the_outbox_once_somebody_else_approves_it(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara = ApprovalPolicy(thresholds=None, approver="clara@nimbus.example")
    accounts = {"unbilled": "1180", "revenue": "8400"}
    region = {"region": DimensionMapping(field="shortcutDimension1Code", values={})}
    mapping = replace(platform.entity.erp, accounts=accounts, dimensions=region)
    settings = {**mapping.settings, "journal_template": "GENERAL"}
    platform.site.master_data.entity = replace(platform.entity, approval=clara, erp=replace(mapping, settings=settings))
    record = platform.handler("record_journal", monkeypatch)
    decision = {"act": "decide", "journal_id": "accrual-2026-10", "approved": True, "decided_by": clara.approver}

    assert record(sample("record_journal"))["approver"] == clara.approver
    assert record(decision)["outcome"] == "refused"  # it was only shown
    assert record(sample("record_journal") | {"send": True})["outcome"] == "awaiting_approval"
    assert record(decision)["outcome"] == "approved"

    intent = platform.outbox.read(PostingId("journal=accrual-2026-10"))
    assert intent is not None
    assert str(intent.document.net) == "300.00 EUR"
    assert platform.messages(platform.postings) == [{"tenant": "default", "posting_id": "journal=accrual-2026-10"}]


def test_every_sample_event_is_one_its_handler_takes(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.outbox.dynamodb.transact_write_items(TransactItems=new_intent_writes(an_intent(), table=TABLE))

    for function in ("post_to_erp", "resolve_unknown_postings", "relay_postings"):
        platform.handler(function, monkeypatch)(sample(function))

    assert len(platform.site.posted()) == 1
