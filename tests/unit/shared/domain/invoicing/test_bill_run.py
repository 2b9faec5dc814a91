"""Which billing periods are due, and names that cannot collide."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.domain.identifiers import CatalogVersion, ContractId, InvoiceId
from shared.domain.invoicing.bill_run import (
    InvoiceClaim,
    bill_run_id,
    ended_billing_periods,
    execution_name,
    is_due,
    superseded,
)
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.time_period import Period
from tests.builders.billing import FIRST_RUN, SECOND_OF_NOVEMBER, TENANT, THIRD_OF_NOVEMBER, a_draft, account, contract

CLAIM = InvoiceClaim(invoice_id=InvoiceId("c-acme/2026-10"), revision=1, attempt=1, bill_run_id=FIRST_RUN)


def test_a_months_end_in_the_customers_zone_makes_it_due() -> None:
    just_before = datetime(2026, 10, 31, 22, 59, tzinfo=UTC)
    just_after = datetime(2026, 10, 31, 23, tzinfo=UTC)

    assert list(ended_billing_periods(account(), as_of=just_before)) == []
    assert [one.invoice_id for one in ended_billing_periods(account(), as_of=just_after)] == ["c-acme/2026-10"]


def test_a_contract_is_billed_from_its_first_month_to_its_last_and_two_more_for_what_comes_late() -> None:
    summer = contract(active=Period(datetime(2026, 4, 10, tzinfo=UTC), datetime(2026, 6, 30, 22, tzinfo=UTC)))

    periods = [one.billing_period.name for one in ended_billing_periods(account(summer), as_of=SECOND_OF_NOVEMBER)]

    assert periods == ["2026-04", "2026-05", "2026-06", "2026-07", "2026-08"]


def test_a_billing_period_without_an_invoice_is_due() -> None:
    assert is_due(None, catalog_version=CatalogVersion("v1"))


@pytest.mark.parametrize(
    ("state", "version", "due"),
    [
        (InvoiceState.DRAFT, "v1", True),
        (InvoiceState.INVALID, "v1", True),
        (InvoiceState.AWAITING_APPROVAL, "v1", True),
        (InvoiceState.ISSUED, "v1", True),
        (InvoiceState.REJECTED, "v1", False),
        (InvoiceState.REJECTED, "v2", True),
        (InvoiceState.NOTHING_TO_BILL, "v2", False),
        (InvoiceState.POSTED, "v2", False),
        (InvoiceState.POSTING_FAILED, "v2", False),
    ],
)
def test_an_invoice_is_taken_on_until_it_has_come_to_an_end(state: InvoiceState, version: str, *, due: bool) -> None:
    assert is_due(replace(a_draft(), state=state), catalog_version=CatalogVersion(version)) is due


def test_a_bill_run_is_named_by_its_scheduled_time() -> None:
    assert bill_run_id(SECOND_OF_NOVEMBER) == bill_run_id(SECOND_OF_NOVEMBER)
    assert bill_run_id(SECOND_OF_NOVEMBER) != bill_run_id(THIRD_OF_NOVEMBER)


def test_an_execution_name_is_legal_however_long_the_contract_id() -> None:
    long = replace(CLAIM, invoice_id=InvoiceId(f"{ContractId('ü/' * 200)}/2026-10"))

    name = execution_name(long, tenant=TENANT)

    assert len(name) <= 80
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")


def test_an_execution_name_reads_as_its_invoice_and_its_attempt() -> None:
    name = execution_name(replace(CLAIM, invoice_id=InvoiceId("C_Acme.1/2026-10"), attempt=2), tenant=TENANT)

    assert name[:-24] == "C-Acme-1-2026-10-2-"


def test_a_long_execution_name_reads_as_the_end_of_its_invoice() -> None:
    name = execution_name(replace(CLAIM, invoice_id=InvoiceId(f"{'x' * 60}/2026-10")), tenant=TENANT)

    assert name[:-24] == f"{'x' * 32}-2026-10-1-"


def test_each_attempt_has_an_execution_of_its_own() -> None:
    second = superseded(CLAIM, by=bill_run_id(THIRD_OF_NOVEMBER))

    assert execution_name(second, tenant=TENANT) != execution_name(CLAIM, tenant=TENANT)


def test_ids_that_only_differ_in_illegal_characters_do_not_collide() -> None:
    other = replace(CLAIM, invoice_id=InvoiceId("c.acme/2026-10"))

    assert execution_name(other, tenant=TENANT) != execution_name(CLAIM, tenant=TENANT)
