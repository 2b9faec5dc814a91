"""Bill runs in memory and in DynamoDB: the first selection counts, and one claim at a time."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.bill_runs import DynamoBillRunRecords, DynamoBillRuns, DynamoInvoiceClaims
from shared.domain.identifiers import ContractId, CustomerId, InvoiceId, LegalEntityId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunSelection, InvoiceClaim, bill_run_id, superseded
from shared.domain.invoicing.bill_run_record import BillRunApproval, BillRunEnd, BillRunRecord, EndAmounts
from shared.ports.bill_runs import BillRunRecords, BillRuns, ClaimTakenError, InvoiceClaims
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.billing import FIRST_RUN, OCTOBER, SECOND_OF_NOVEMBER, TENANT, THIRD_OF_NOVEMBER, euros
from tests.fakes.in_memory_bill_runs import InMemoryBillRunRecords, InMemoryBillRuns, InMemoryInvoiceClaims

ACCOUNT = BillingAccount(customer_id=CustomerId("acme"), contract_id=ContractId("c-acme"), billing_period=OCTOBER)
SECOND_RUN = bill_run_id(THIRD_OF_NOVEMBER)
CLAIM = InvoiceClaim(invoice_id=InvoiceId("c-acme/2026-10"), revision=1, attempt=1, bill_run_id=FIRST_RUN)
SELECTION = BillRunSelection(
    bill_run_id=FIRST_RUN, as_of=SECOND_OF_NOVEMBER, waiting_for=("usage",), periods=(OCTOBER,), batches=("one",)
)


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Iterator[tuple[BillRuns, InvoiceClaims]]:
    if request.param == "memory":
        yield InMemoryBillRuns(), InMemoryInvoiceClaims()
        return
    with mock_aws():
        table = create_table("invoices")
        yield DynamoBillRuns(aws.dynamodb(), table, TENANT), DynamoInvoiceClaims(aws.dynamodb(), table, TENANT)


@pytest.fixture
def bill_runs(stores: tuple[BillRuns, InvoiceClaims]) -> BillRuns:
    return stores[0]


@pytest.fixture
def claims(stores: tuple[BillRuns, InvoiceClaims]) -> InvoiceClaims:
    return stores[1]


def test_a_batch_comes_back_under_the_name_of_its_content(bill_runs: BillRuns) -> None:
    name = bill_runs.add_batch(FIRST_RUN, [ACCOUNT])

    assert bill_runs.add_batch(FIRST_RUN, [ACCOUNT]) == name
    assert bill_runs.batch(FIRST_RUN, name) == (ACCOUNT,)


def test_a_batch_of_another_run_is_not_ours(bill_runs: BillRuns) -> None:
    name = bill_runs.add_batch(FIRST_RUN, [ACCOUNT])

    with pytest.raises(KeyError):
        bill_runs.batch(SECOND_RUN, name)


def test_the_first_selection_of_a_run_counts(bill_runs: BillRuns) -> None:
    assert bill_runs.selection(FIRST_RUN) is None

    assert bill_runs.save_selection(SELECTION) == SELECTION
    assert bill_runs.save_selection(replace(SELECTION, batches=())) == SELECTION

    assert bill_runs.selection(FIRST_RUN) == SELECTION


def test_a_claim_is_taken_once(claims: InvoiceClaims) -> None:
    assert claims.read(CLAIM.invoice_id, 1) is None

    claims.take(CLAIM)
    claims.take(CLAIM)

    assert claims.read(CLAIM.invoice_id, 1) == CLAIM
    with pytest.raises(ClaimTakenError):
        claims.take(replace(CLAIM, bill_run_id=SECOND_RUN))


def test_a_later_run_takes_over_once(claims: InvoiceClaims) -> None:
    claims.take(CLAIM)
    taken_over = superseded(CLAIM, by=SECOND_RUN)

    claims.take(taken_over)

    with pytest.raises(ClaimTakenError):
        claims.take(superseded(CLAIM, by=bill_run_id(THIRD_OF_NOVEMBER.replace(day=4))))
    assert claims.read(CLAIM.invoice_id, 1) == taken_over


def test_nobody_takes_over_what_nobody_holds(claims: InvoiceClaims) -> None:
    with pytest.raises(ClaimTakenError):
        claims.take(superseded(CLAIM, by=SECOND_RUN))


def test_claims_are_read_many_at_once(claims: InvoiceClaims) -> None:
    other = replace(CLAIM, invoice_id=InvoiceId("c-globex/2026-10"))
    claims.take(CLAIM)
    claims.take(other)

    found = claims.read_many([CLAIM.invoice_id, other.invoice_id, InvoiceId("c-nobody/2026-10")], 1)

    assert found == {CLAIM.invoice_id: CLAIM, other.invoice_id: other}


@pytest.fixture(params=["memory", "dynamodb"])
def recorded(request: pytest.FixtureRequest) -> Iterator[tuple[BillRuns, BillRunRecords]]:
    if request.param == "memory":
        runs = InMemoryBillRuns()
        yield runs, InMemoryBillRunRecords(runs)
        return
    with mock_aws():
        table = create_table("invoices")
        yield DynamoBillRuns(aws.dynamodb(), table, TENANT), DynamoBillRunRecords(aws.dynamodb(), table, TENANT)


RECORD = BillRunRecord(
    bill_run_id=FIRST_RUN,
    recorded_at=SECOND_OF_NOVEMBER,
    selected=1,
    built=1,
    parked_before=0,
    waiting_for=(),
    ends=((BillRunEnd.POSTED, 1),),
    amounts=(
        EndAmounts(end=BillRunEnd.POSTED, invoices=1, gross=euros("1.19"), lines=euros("1.00"), taxes=euros("0.19")),
    ),
    failures=(),
    legal_entities=(LegalEntityId("nimbus-de"),),
)


def test_the_newest_runs_come_first(recorded: tuple[BillRuns, BillRunRecords]) -> None:
    runs, records = recorded
    assert list(records.newest(5)) == []
    runs.save_selection(SELECTION)
    runs.save_selection(replace(SELECTION, bill_run_id=SECOND_RUN))

    assert list(records.newest(5)) == [SECOND_RUN, FIRST_RUN]
    assert list(records.newest(1)) == [SECOND_RUN]


def test_the_newest_record_of_a_run_counts(recorded: tuple[BillRuns, BillRunRecords]) -> None:
    _, records = recorded
    assert records.read(FIRST_RUN) is None
    records.save(RECORD)
    records.save(later := replace(RECORD, recorded_at=THIRD_OF_NOVEMBER))

    assert records.read(FIRST_RUN) == later


def test_the_first_approval_of_a_run_counts(recorded: tuple[BillRuns, BillRunRecords]) -> None:
    _, records = recorded
    assert records.approval(FIRST_RUN) is None
    first = BillRunApproval(approved_by="dana@nimbus.example", approved_at=THIRD_OF_NOVEMBER)

    assert records.approve(FIRST_RUN, first) == first
    assert records.approve(FIRST_RUN, replace(first, approved_by="grace@nimbus.example")) == first
    assert records.approval(FIRST_RUN) == first
