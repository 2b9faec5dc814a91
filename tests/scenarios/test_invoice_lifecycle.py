"""Every way of an invoice through its state machine, as deployed: one month, each customer another way.

What a test of a way does is a function below that is named after it; `test_every_way_of_an_invoice` has their order.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from operations.local.cloud import LocalCloud
from operations.u2c.approver import CatalogApprover
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.contracts.catalog import catalog_document
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import TenantId
from shared.domain.invoicing.invoice import Invoice
from shared.domain.master_data.catalog import Catalog
from shared.domain.time_period import format_instant
from simulators.erp import Fault
from tests.scenarios.outside_tax import AUSTIN, month_taxed_by
from tests.scenarios.small_month import instant, usage

NIMBUS = TenantId("nimbus")
CLARA, GRACE, EVE = "clara@nimbus.example", "grace@nimbus.example", "eve@nimbus.example"
BILL_RUN = "2026-04-02T06:00:00Z"
DECIDED = ("approved", "rejected", "refused", "overdue", "unasked")
LIMITED = ("limited", "untaxed")
WAYS = ("plain", *DECIDED, *LIMITED)
CALLS_OF_A_TAX_STEP = 4  # the first one, and three retries


@dataclass(frozen=True)
class Deployed:
    """The month after its bill run, with nothing decided yet."""

    cloud: LocalCloud
    catalog: Catalog
    erp: Any
    tax_engine: Any

    def invoices(self) -> list[Invoice]:
        table, postings = self.cloud.resource("InvoicesTable"), self.cloud.resource("PostingsTable")
        return list(DynamoInvoices(boto3.client("dynamodb"), table, NIMBUS, postings_table=postings).every())

    def invoice(self, way: str) -> Invoice:
        """Return the invoice of March."""
        (found,) = (one for one in self.invoices() if one.invoice_id == f"c-{way}/2026-03")
        return found

    def state(self, way: str) -> str:
        return self.invoice(way).state.value

    def told(self, code: ExceptionCode) -> set[str]:
        store = DynamoExceptionStore(boto3.client("dynamodb"), self.cloud.resource("ExceptionsTable"), NIMBUS)
        return {record.subject for record in store.open_records(code)}

    def decide(self, way: str, *, by: str, approved: bool = True) -> None:
        decision = {
            "tenant": NIMBUS,
            "invoice_id": f"c-{way}/2026-03",
            "revision": 1,
            "approved": approved,
            "decided_by": by,
            "decided_at": format_instant(self.cloud.clock.now()),
            "reason": "as the test has it",
        }
        self.cloud.send("ApprovalDecisions", decision)
        self.cloud.settle()

    def repair(self, way: str, *, send: bool) -> dict[str, Any]:
        event = {"document": f"c-{way}/2026-03", "asked_by": "fred@nimbus.example", "send": send}
        answer: dict[str, Any] = self.cloud.invoke("repair_posting", event)
        self.cloud.settle()
        return answer

    def let_pass(self, time: timedelta) -> None:
        self.cloud.advance_to(self.cloud.clock.now() + time)

    def executions(self) -> list[str]:
        machine = self.cloud.resource("InvoiceLifecycleStateMachineArn")
        found = boto3.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
        return sorted(one["executionArn"] for one in found)


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """Play March of customers who pay a fee alone; the approver that a run plays says nothing."""
    monkeypatch.setattr(CatalogApprover, "decide", lambda _approver, _now: False)
    monkeypatch.setattr("operations.u2c.run.SETTLING_STEPS_MAX", 0)
    month = month_taxed_by("avatax", tmp_path, until=instant("2026-04-02T12:00:00"))
    month.lines = [json.dumps(usage(f"call-of-{way}", way)) for way in WAYS]
    month.catalog["legal_entities"][0]["approval"] = {
        "approver": CLARA,
        "second_approver": GRACE,
        "overdue_after_hours": 48,
        "thresholds": {"EUR": 1000},
        "manual_adjustment": True,
    }
    month.catalog["customers"] = [customer(way) for way in WAYS]
    month.catalog["contracts"] = [contract(way) for way in WAYS]
    with month.played() as played:
        erp = played.result.erps.by_connection["nimbus-de/erp"]
        (tax_engine,) = played.result.tax_engines.values()
        yield Deployed(played.result.cloud, played.given.catalog, erp, tax_engine)


def customer(way: str) -> dict[str, Any]:
    """Return a German customer; the one whose tax an outside engine works out is American."""
    of = {"country": "US", "details": {"address": AUSTIN}} if way == "untaxed" else {"country": "DE"}
    return {"id": way, "name": way.title(), "time_zone": "UTC", **of}


def contract(way: str) -> dict[str, Any]:
    """Return a contract with a discount of its own, which the policy asks about, or a limit, or neither."""
    agreed: dict[str, Any] = {
        "id": f"c-{way}",
        "customer": way,
        "legal_entity": "nimbus-us" if way == "untaxed" else "nimbus-de",
        "currency": "USD" if way == "untaxed" else "EUR",
        "valid_from": "2026-03-01",
        "subscriptions": [{"id": f"s-{way}", "plan": "team"}],
    }
    if way in DECIDED:
        agreed["adjustments"] = [{"id": "goodwill", "fixed_discount": 5}]
    if way in LIMITED:
        agreed["invoice_limit"] = 10
    return agreed


def test_every_way_of_an_invoice(deployed: Deployed) -> None:
    """One deployment for all ways: making one takes longer than the rest. Time goes on from way to way."""
    assert {way: deployed.state(way) for way in WAYS} == {
        "plain": "posted",
        "approved": "awaiting_approval",
        "rejected": "awaiting_approval",
        "refused": "awaiting_approval",
        "overdue": "awaiting_approval",
        "unasked": "awaiting_approval",
        "limited": "invalid",
        "untaxed": "invalid",
    }
    assert deployed.told(ExceptionCode.INVOICE_OVER_LIMIT) == {"c-limited/2026-03", "c-untaxed/2026-03"}

    the_approver_decides_and_nobody_else(deployed)
    the_same_bill_run_again_changes_nothing(deployed)
    the_erp_refuses_the_invoice_and_it_is_repaired(deployed)
    nobody_decides_in_time(deployed)
    assert deployed.state("refused") == "posted"
    a_higher_limit_lets_one_through_and_no_tax_engine_keeps_the_other(deployed)
    the_execution_ends_before_anybody_decides(deployed)
    assert deployed.state("untaxed") == "posted"
    assert deployed.told(ExceptionCode.TAX_UNAVAILABLE) == deployed.told(ExceptionCode.INVOICE_OVER_LIMIT) == set()

    numbers = sorted(invoice.number for invoice in deployed.invoices() if invoice.number)
    for series in ("NDE-", "NUS-"):
        given = [number for number in numbers if number.startswith(series)]
        assert given == [f"{series}{number:06d}" for number in range(1, len(given) + 1)]
    assert deployed.invoice("rejected").number is None


def the_approver_decides_and_nobody_else(deployed: Deployed) -> None:
    deployed.decide("approved", by=EVE)
    deployed.decide("approved", by=GRACE)  # not yet
    assert deployed.state("approved") == "awaiting_approval"

    deployed.decide("approved", by=CLARA)
    deployed.decide("rejected", by=CLARA, approved=False)

    assert deployed.state("approved") == "posted"
    assert deployed.state("rejected") == "rejected"
    assert deployed.told(ExceptionCode.APPROVAL_REJECTED) == {"c-rejected/2026-03"}


def the_same_bill_run_again_changes_nothing(deployed: Deployed) -> None:
    before = [deployed.invoice(way) for way in WAYS], deployed.executions(), len(deployed.erp.documents())

    boto3.client("stepfunctions").start_execution(
        stateMachineArn=deployed.cloud.resource("BillRunStateMachineArn"),
        name="once-more",
        input=json.dumps({"scheduled_time": BILL_RUN}),
    )
    deployed.cloud.settle()

    assert ([deployed.invoice(way) for way in WAYS], deployed.executions(), len(deployed.erp.documents())) == before


def the_erp_refuses_the_invoice_and_it_is_repaired(deployed: Deployed) -> None:
    """Refuse it once it is a draft in the ERP, which goes then. The next bill run will complete the invoice."""
    before = len(deployed.erp.documents())
    deployed.erp.faults.script(Fault.CLOSED_PERIOD, operation="post_invoice")
    deployed.decide("refused", by=CLARA)
    assert deployed.state("refused") == "posting_failed"
    assert deployed.told(ExceptionCode.PERIOD_CLOSED) == {"c-refused/2026-03/r1"}
    assert [one.posted for one in deployed.erp.documents()[before:]] == [False]

    assert deployed.repair("refused", send=True)["outcome"] == "refused"  # its draft may not be shown yet
    deployed.let_pass(timedelta(minutes=6))
    shown = deployed.repair("refused", send=False)
    sent = deployed.repair("refused", send=True)

    assert (shown["outcome"], shown["external_ref"]) == ("replaced", sent["external_ref"])
    assert [(one.external_ref, one.posted) for one in deployed.erp.documents()[before:]] == [
        (sent["external_ref"], True)
    ]
    assert deployed.told(ExceptionCode.PERIOD_CLOSED) == set()
    assert deployed.repair("refused", send=True)["outcome"] == "refused"
    assert deployed.state("refused") == "issued"


def nobody_decides_in_time(deployed: Deployed) -> None:
    """Past 48 hours the second approver may decide; by time alone nothing is approved."""
    deployed.let_pass(timedelta(hours=49))
    assert deployed.told(ExceptionCode.APPROVAL_OVERDUE) == {"c-overdue/2026-03", "c-unasked/2026-03"}
    assert deployed.state("overdue") == "awaiting_approval"

    deployed.decide("overdue", by=GRACE)

    assert deployed.state("overdue") == "posted"
    assert deployed.told(ExceptionCode.APPROVAL_OVERDUE) == {"c-unasked/2026-03"}


def a_higher_limit_lets_one_through_and_no_tax_engine_keeps_the_other(deployed: Deployed) -> None:
    contracts = tuple(replace(one, invoice_limit=None) for one in deployed.catalog.contracts)
    published = catalog_document(
        replace(deployed.catalog, contracts=contracts), published_at=deployed.cloud.clock.now()
    )
    s3 = boto3.client("s3")
    s3.put_object(Bucket=deployed.cloud.resource("CatalogBucket"), Key=published.key, Body=published.body)
    deployed.cloud.send("MasterDataChanges", dict(published.message))
    deployed.cloud.settle()

    deployed.tax_engine.faults.script(*[Fault.UNAVAILABLE] * CALLS_OF_A_TAX_STEP, operation="create")
    deployed.let_pass(timedelta(days=1))

    assert (deployed.state("limited"), deployed.state("untaxed")) == ("posted", "invalid")
    assert deployed.told(ExceptionCode.TAX_UNAVAILABLE) == {"c-untaxed/2026-03"}


def the_execution_ends_before_anybody_decides(deployed: Deployed) -> None:
    """After 30 days the execution fails; the next bill run drafts the invoice anew and asks again."""
    (first,) = (arn for arn in deployed.executions() if "c-unasked-2026-03" in arn)
    for moment in ("2026-05-02T07:00:00", "2026-05-02T23:00:00", "2026-05-03T07:00:00"):
        deployed.cloud.advance_to(instant(moment))
    assert deployed.state("unasked") == "awaiting_approval"
    again = [arn for arn in deployed.executions() if "c-unasked-2026-03" in arn]
    assert (first in again, len(again)) == (True, 2)

    deployed.decide("unasked", by=CLARA)

    assert deployed.state("unasked") == "posted"
    assert deployed.told(ExceptionCode.FAILED_EXECUTION) == set()
