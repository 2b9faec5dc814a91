"""A billing account that is parked: what is kept of it, when it is tried again, and what a person reads."""

from dataclasses import replace

import pytest

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import CatalogVersion, ContractId, CustomerId, InvoiceId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunSelection, InvoiceClaim
from shared.domain.invoicing.parking import (
    ParkedAccount,
    exception_of,
    failed_in_a_row,
    is_parked,
    parked,
    released,
)
from tests.builders.billing import FIRST_RUN, OCTOBER, SECOND_OF_NOVEMBER, TENANT, THIRD_OF_NOVEMBER

OF_ACME = BillingAccount(customer_id=CustomerId("acme"), contract_id=ContractId("c-acme"), billing_period=OCTOBER)
THIRD_ATTEMPT = InvoiceClaim(invoice_id=OF_ACME.invoice_id, revision=1, attempt=3, bill_run_id=FIRST_RUN)
RUN = BillRunSelection(
    bill_run_id=FIRST_RUN,
    as_of=SECOND_OF_NOVEMBER,
    waiting_for=(),
    periods=(OCTOBER,),
    batches=(),
    catalog_version=CatalogVersion("v7"),
)
PARKED = ParkedAccount(
    invoice_id=InvoiceId("c-acme/2026-10"),
    customer_id=CustomerId("acme"),
    attempts=3,
    bill_run_id=FIRST_RUN,
    parked_at=SECOND_OF_NOVEMBER,
    catalog_version=CatalogVersion("v7"),
)


def test_an_account_is_parked_with_its_attempts_by_the_bill_run_that_gives_it_up() -> None:
    assert parked(OF_ACME, claim=THIRD_ATTEMPT, by=RUN) == PARKED


@pytest.mark.parametrize(
    ("account", "version", "left_out"),
    [
        (None, "v7", False),
        (PARKED, "v7", True),
        (PARKED, "v8", False),
        (replace(PARKED, released_at=THIRD_OF_NOVEMBER), "v7", False),
    ],
    ids=["never parked", "same catalogue", "another catalogue", "released"],
)
def test_it_is_left_out_until_the_catalogue_changes_or_a_person_releases_it(
    account: ParkedAccount | None, version: str, *, left_out: bool
) -> None:
    assert is_parked(account, catalog_version=CatalogVersion(version)) is left_out


def test_failures_are_counted_anew_after_it_was_parked() -> None:
    assert failed_in_a_row(THIRD_ATTEMPT, None) == 3
    assert failed_in_a_row(replace(THIRD_ATTEMPT, attempt=5), PARKED) == 2


def test_who_released_it_when_and_why_is_kept() -> None:
    again = released(PARKED, by="dana@nimbus.example", at=THIRD_OF_NOVEMBER, note="the tax rate is there now")

    assert (again.released_by, again.released_at, again.note) == (
        "dana@nimbus.example",
        THIRD_OF_NOVEMBER,
        "the tax rate is there now",
    )
    assert replace(again, released_by="", released_at=None, note="") == PARKED


def test_a_person_reads_what_failed_how_often_and_in_which_run() -> None:
    assert exception_of(PARKED, failures=3, tenant=TENANT) == ExceptionRecord(
        exception_id=exception_id(ExceptionCode.ACCOUNT_PARKED, "c-acme/2026-10"),
        tenant=TENANT,
        code=ExceptionCode.ACCOUNT_PARKED,
        subject="c-acme/2026-10",
        message="3 bill runs in a row did not issue c-acme/2026-10; the next ones leave it out",
        raised_at=SECOND_OF_NOVEMBER,
        detail={
            "invoice_id": "c-acme/2026-10",
            "customer": "acme",
            "bill_run": FIRST_RUN,
            "catalog_version": "v7",
        },
    )
