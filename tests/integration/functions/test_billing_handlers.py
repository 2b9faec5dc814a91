"""A bill run and an invoice's lifecycle through their handlers, on moto: every step twice, as retries do."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data_versions import DynamoMasterDataVersions
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.dynamodb.usage_holds import DynamoUsageHolds
from shared.adapters.dynamodb.usage_snapshots import DynamoUsageSnapshots
from shared.domain.identifiers import CatalogVersion, CustomerId, InvoiceId, PostingId
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.master_data.catalog import ApprovalPolicy, Catalog
from shared.domain.metering.layout import Bucket
from shared.domain.time_period import format_instant
from shared.runtime import aws, clock
from tests.builders.aws_resources import create_queue, create_table, messages_of
from tests.builders.billing import (
    MID_OCTOBER,
    OCTOBER,
    SECOND_OF_NOVEMBER,
    TENANT,
    THIRD_OF_NOVEMBER,
    calls,
    catalog,
    euros,
    nimbus,
)
from tests.builders.lambda_functions import cold_start, sample_event

FUNCTIONS = (
    "select_billing_accounts",
    "start_invoices",
    "summarize_bill_run",
    "build_invoice",
    "calculate_tax",
    "validate_invoice",
    "request_approval",
    "record_approval",
    "escalate_approvals",
    "record_bill_runs",
    "issue_invoice",
    "complete_invoice",
)
LAYOUT = [{"version": 1, "valid_from": "1970-01-01T00:00:00.000000Z", "groups": 1, "slice_minutes": 1440}]
STEP = {"invoice_id": "c-acme/2026-10", "revision": 1}
POSTED = {"state": "posted", "erp_number": "PS-1", "accounting_period": "2026-11", "reason": ""}
DANA = "dana@nimbus.example"
WAIT = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}

Invoke = Callable[[dict[str, Any]], dict[str, Any]]


class Deployed:
    """The twelve functions on resources of their own, with acme's usage of October sealed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.exceptions_url = create_queue("exceptions")
        machine = aws.stepfunctions().create_state_machine(
            name="invoice-lifecycle", definition=json.dumps(WAIT), roleArn="arn:aws:iam::123456789012:role/states"
        )
        self.machine_arn = machine["stateMachineArn"]
        settings = {
            "TENANT": TENANT,
            "INVOICES_TABLE": create_table("invoices"),
            "POSTINGS_TABLE": create_table("postings"),
            "MASTER_DATA_TABLE": create_table("master-data"),
            "METERING_LEDGER_TABLE": create_table("ledger"),
            "EXCEPTIONS_QUEUE_URL": self.exceptions_url,
            "INVOICE_LIFECYCLE_ARN": self.machine_arn,
            "BUCKET_LAYOUT": json.dumps(LAYOUT),
            "PARK_ACCOUNT_AFTER_BILL_RUNS": "7",
            "APPROVAL_DECISIONS_QUEUE_URL": create_queue("approval-decisions"),
            "TAX_RECORDS_QUEUE_URL": create_queue("tax-records"),
        }
        self.invoices = DynamoInvoices(aws.dynamodb(), "invoices", TENANT, postings_table="postings")
        self.intents = DynamoPostingIntents(aws.dynamodb(), "postings", TENANT)
        self.holds = DynamoUsageHolds(aws.dynamodb(), "ledger", TENANT)
        self.publish(catalog(), "v1")
        self._seal_october()
        self.at(SECOND_OF_NOVEMBER)
        self._functions = {name: cold_start(name, monkeypatch, **settings) for name in FUNCTIONS}

    def publish(self, source: Catalog, version: str) -> None:
        versions = DynamoMasterDataVersions(aws.dynamodb(), "master-data", TENANT)
        versions.write(CatalogVersion(version), source)
        assert versions.publish(CatalogVersion(version))

    def at(self, now: datetime) -> None:
        self._monkeypatch.setattr(clock, "read_seconds", now.timestamp)

    def twice(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        """Invoke a function and again, as a retry after a lost reply does; both answers are one."""
        first = self._functions[function](event)
        assert self._functions[function](event) == first
        return first

    def walk_to(self, verdict: str, as_of: datetime = SECOND_OF_NOVEMBER) -> None:
        """Walk from the bill run's start to the verdict on its only invoice."""
        self.at(as_of)
        selection = self.twice("select_billing_accounts", {"scheduled_time": as_of.isoformat()})
        (batch,) = selection["batches"]
        self.twice(
            "start_invoices",
            {"bill_run_id": selection["bill_run_id"], "as_of": selection["as_of"], "batch": batch},
        )
        assert self.twice("build_invoice", self._newest_input()) == {"status": "draft"}
        self.twice("calculate_tax", STEP)
        assert self.twice("validate_invoice", STEP) == {"status": verdict}

    def invoice(self) -> Invoice:
        stored = self.invoices.read(InvoiceId("c-acme/2026-10"), 1)
        assert stored is not None
        return stored.invoice

    def executions(self) -> list[str]:
        listed = aws.stepfunctions().list_executions(stateMachineArn=self.machine_arn)["executions"]
        return [one["executionArn"] for one in sorted(listed, key=lambda one: one["startDate"])]

    def raised(self) -> dict[str, str]:
        messages = [json.loads(body) for body in messages_of(self.exceptions_url)]
        return {one["exception_id"]: one["message"] for message in messages for one in message.get("raise", [])}

    def _newest_input(self) -> dict[str, Any]:
        described = aws.stepfunctions().describe_execution(executionArn=self.executions()[-1])
        text: dict[str, Any] = json.loads(described["input"])
        return text

    def _seal_october(self) -> None:
        snapshots = DynamoUsageSnapshots(aws.dynamodb(), "ledger", TENANT)
        midnight = MID_OCTOBER.replace(hour=0)
        snapshots.write(Bucket(1, 0, midnight), 3, {CustomerId("acme"): [calls(150)]})
        aws.dynamodb().put_item(
            TableName="ledger",
            Item={
                "pk": {"S": f"{TENANT}#closing"},
                "sk": {"S": "closing"},
                "first_slice": {"S": format_instant(midnight)},
                "sealed_through": {"S": format_instant(OCTOBER.end)},
            },
        )


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with mock_aws():
        yield Deployed(monkeypatch)


def test_usage_becomes_a_posted_invoice(deployed: Deployed) -> None:
    deployed.walk_to("valid")
    issued = deployed.twice("issue_invoice", STEP)
    completed = deployed.twice("complete_invoice", {**STEP, "posting": POSTED})

    assert issued == {"number": "DE-000001", "posting_id": "c-acme/2026-10/r1"}
    assert completed == {"state": "posted"}
    assert deployed.invoice().gross == euros("132.69")
    intent = deployed.intents.read(PostingId("c-acme/2026-10/r1"))
    assert intent is not None
    assert intent.document.gross == euros("132.69")
    assert deployed.raised() == {}


def test_a_bill_run_starts_one_execution_with_the_input_the_lifecycle_needs(deployed: Deployed) -> None:
    deployed.walk_to("valid")

    (execution,) = deployed.executions()

    text = json.loads(aws.stepfunctions().describe_execution(executionArn=execution)["input"])
    assert text == sample_event("build_invoice")


def test_a_finished_month_is_not_billed_again(deployed: Deployed) -> None:
    deployed.walk_to("valid")
    deployed.twice("issue_invoice", STEP)
    deployed.twice("complete_invoice", {**STEP, "posting": POSTED})

    selection = deployed.twice("select_billing_accounts", {"scheduled_time": THIRD_OF_NOVEMBER.isoformat()})

    assert (selection["ready"], selection["batches"], selection["waiting_for"]) == (False, [], [])


def test_a_held_invoice_is_billed_by_a_later_run_once_the_hold_is_lifted(deployed: Deployed) -> None:
    deployed.holds.place(CustomerId("acme"), "2026-10", "USAGE_CONFLICT:checkout#42")
    deployed.walk_to("invalid")
    assert "USAGE_CONFLICT:checkout#42" in deployed.raised()["INVOICE_INVALID:c-acme/2026-10"]
    deployed.holds.release(CustomerId("acme"), "2026-10", "USAGE_CONFLICT:checkout#42")
    aws.stepfunctions().stop_execution(executionArn=deployed.executions()[0])

    deployed.walk_to("valid", THIRD_OF_NOVEMBER)

    assert len(deployed.executions()) == 2
    assert deployed.twice("issue_invoice", STEP)["number"] == "DE-000001"


def test_the_approvers_message_lets_a_large_invoice_through(deployed: Deployed) -> None:
    policy = ApprovalPolicy(thresholds=(euros("100.00"),), approver=DANA)
    deployed.publish(catalog(entity=nimbus(approval=policy)), "v2")
    deployed.walk_to("needs_approval")
    deployed.twice("request_approval", {**STEP, "task_token": "a token of nobody"})
    assert list(deployed.raised()) == ["APPROVAL_PENDING:c-acme/2026-10"]

    answer = deployed.twice("record_approval", sample_event("record_approval"))

    assert answer == {"batchItemFailures": []}
    assert deployed.invoice().state is InvoiceState.APPROVED
    assert deployed.invoice().approval is not None


def test_a_decision_of_somebody_else_comes_back_to_the_queue(deployed: Deployed) -> None:
    policy = ApprovalPolicy(thresholds=(euros("100.00"),), approver="carl@nimbus.example")
    deployed.publish(catalog(entity=nimbus(approval=policy)), "v2")
    deployed.walk_to("needs_approval")
    deployed.twice("request_approval", {**STEP, "task_token": "a token of nobody"})
    event = sample_event("record_approval")

    answer = deployed.twice("record_approval", event)

    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    assert deployed.invoice().state is InvoiceState.AWAITING_APPROVAL


def test_a_bill_run_is_recorded_from_its_invoices(deployed: Deployed) -> None:
    deployed.walk_to("valid")
    deployed.twice("issue_invoice", STEP)

    reply = deployed.twice("record_bill_runs", sample_event("record_bill_runs"))
    daily = deployed.twice("record_bill_runs", {"time": "2026-11-02T05:00:00Z"})

    assert reply["record"]["ends"] == [["issued", 1]]
    assert reply["record"]["amounts"][0]["gross"]["amount"] == "132.69"
    assert daily == {"recorded": [reply["record"]["bill_run_id"]]}


def test_a_bill_run_is_approved_with_everything_that_waits_in_it(deployed: Deployed) -> None:
    policy = ApprovalPolicy(thresholds=(euros("100.00"),), approver=DANA)
    deployed.publish(catalog(entity=nimbus(approval=policy)), "v2")
    deployed.walk_to("needs_approval")
    deployed.twice("request_approval", {**STEP, "task_token": "a token of nobody"})
    run = sample_event("record_bill_runs")

    refused = deployed.twice("record_bill_runs", {**run, "approved_by": "eve@nimbus.example"})
    approved = deployed.twice("record_bill_runs", {**run, "approved_by": DANA})

    assert refused == {
        "refused": "the catalogue names eve@nimbus.example as approver of no legal entity in the bill run"
    }
    assert approved["record"]["approval"]["approved_by"] == DANA
    url = aws.sqs().get_queue_url(QueueName="approval-decisions")["QueueUrl"]
    assert {json.loads(body)["decided_by"] for body in messages_of(url)} == {DANA}


def test_a_bill_run_is_summed_up(deployed: Deployed) -> None:
    report = deployed.twice("summarize_bill_run", sample_event("summarize_bill_run"))

    assert (report["started"], report["restarted"], report["failure"]) == (1, 0, "")


def test_a_bill_run_that_failed_early_is_reported(deployed: Deployed) -> None:
    run = {"scheduled_time": "2026-11-02T06:00:00Z", "failure": {"Error": "States.Timeout", "Cause": "too slow"}}

    deployed.twice("summarize_bill_run", {"execution": "daily", "run": run})

    assert "States.Timeout" in deployed.raised()["FAILED_EXECUTION:daily"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_sample_event_is_understood(deployed: Deployed, function: str) -> None:
    """Without the steps before it there may be no invoice; the message itself is no fault."""
    with suppress(LookupError):
        deployed.twice(function, sample_event(function))
