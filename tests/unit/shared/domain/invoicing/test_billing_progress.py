"""How far a contract is billed: what bill runs look at again, and when they look at everything."""

from dataclasses import replace
from datetime import timedelta

from shared.domain.identifiers import ContractId, CustomerId, InvoiceId
from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.invoicing.billing_progress import BillingProgress, calendar_of, progress_after, to_look_at
from shared.domain.time_period import BillingPeriod, billing_periods_from
from tests.builders.billing import BERLIN, SINCE_OCTOBER

MONTHS = [month for month, _ in zip(billing_periods_from(SINCE_OCTOBER.start, BERLIN), range(4), strict=False)]


def billed(month: BillingPeriod) -> BillingAccount:
    return BillingAccount(customer_id=CustomerId("acme"), contract_id=ContractId("c-acme"), billing_period=month)


ENDED = [billed(month) for month in MONTHS]
OCTOBER, NOVEMBER, DECEMBER, JANUARY = (one.invoice_id for one in ENDED)


def test_progress_reaches_to_the_newest_finished_period_and_names_those_left_behind() -> None:
    assert progress_after(ENDED, {NOVEMBER, JANUARY}) == BillingProgress(
        contract_id=ContractId("c-acme"), periods=3, calendar=calendar_of(ENDED[:3]), unfinished=(NOVEMBER,)
    )


def test_there_is_no_progress_without_a_finished_period() -> None:
    assert progress_after(ENDED, {OCTOBER, NOVEMBER, DECEMBER, JANUARY}) is None
    assert progress_after([], ()) is None


def test_one_finished_period_is_progress() -> None:
    progress = progress_after(ENDED[:1], ())

    assert progress is not None
    assert (progress.periods, progress.unfinished) == (1, ())


def test_what_was_left_behind_is_looked_at_before_what_ended_since() -> None:
    progress = progress_after(ENDED[:3], {InvoiceId(NOVEMBER)})

    assert [one.invoice_id for one in to_look_at(ENDED, progress)] == [NOVEMBER, JANUARY]


def test_without_progress_everything_is_looked_at() -> None:
    assert to_look_at(ENDED, None) == ENDED


def test_progress_of_another_calendar_is_none() -> None:
    """A contract that starts a day later, is billed to another day, or by another name, is looked at whole."""
    progress = progress_after(ENDED[:3], ())
    october, day = ENDED[0].billing_period, timedelta(days=1)

    for other in (
        replace(october, start=october.start + day),
        replace(october, end=october.end - day),
        replace(october, name="2026-10-01"),
    ):
        moved = [billed(other), *ENDED[1:]]
        assert to_look_at(moved, progress) == moved
