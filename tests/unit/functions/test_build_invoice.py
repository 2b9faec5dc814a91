"""build_invoice: a draft per bill run, kept over repeats, made anew as long as it has no number."""

import pytest

from functions.build_invoice.drafting import AccountNotFoundError
from functions.build_invoice.use_case import BuildStatus
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.metering.reading import usage_manifest
from shared.domain.posting.intent import IntentState
from tests.builders.billing import ACME, GRADUATED_CALLS, THIRD_OF_NOVEMBER, calls, catalog, euros, plan, usage_charge
from tests.fakes.billing_world import BillingWorld


def test_a_draft_says_what_it_was_rated_from() -> None:
    world = BillingWorld(calls(150))

    assert world.build(world.select()) is BuildStatus.DRAFT

    assert world.invoice.net == euros("111.50")
    assert (world.invoice.manifest, world.invoice.catalog_version) == (usage_manifest(sealed=(), late=()), "v1")
    assert world.invoice.prepared_by == world.select().bill_run_id


def test_a_stored_draft_counts_more_than_what_a_repeat_would_rate() -> None:
    world = BillingWorld(calls(150))
    world.build(world.select())
    world.usage.windows.append(calls(1_000))

    world.build(world.select())

    assert world.invoice.net == euros("111.50")


def test_a_later_bill_run_drafts_anew() -> None:
    world = BillingWorld(calls(150))
    world.build(world.select())
    world.usage.windows.append(calls(1_000))

    world.build(world.select(THIRD_OF_NOVEMBER))

    assert world.invoice.net == euros("161.50")


def test_a_month_without_usage_and_fees_has_nothing_to_bill() -> None:
    world = BillingWorld()
    world.publish(catalog(plans=[plan(GRADUATED_CALLS)]))

    assert world.build(world.select()) is BuildStatus.NOTHING_TO_BILL

    assert world.invoice.state is InvoiceState.NOTHING_TO_BILL


def test_nothing_to_bill_is_no_result_while_usage_is_in_doubt() -> None:
    world = BillingWorld()
    world.publish(catalog(plans=[plan(GRADUATED_CALLS)]))
    world.holds.place(ACME.customer_id, "2026-10", "conflict")

    assert world.run() is InvoiceState.INVALID

    world.holds.release(ACME.customer_id, "2026-10", "conflict")
    assert world.run(THIRD_OF_NOVEMBER) is InvoiceState.NOTHING_TO_BILL
    assert world.exceptions.open == {}


def test_usage_without_a_price_is_not_nothing_to_bill() -> None:
    world = BillingWorld(calls(5))
    world.publish(catalog(plans=[plan(usage_charge())]))

    assert world.build(world.select()) is BuildStatus.DRAFT

    assert [issue.code for issue in world.invoice.issues] == ["PRICE_MISSING"]


def test_an_issued_invoice_goes_straight_to_its_posting() -> None:
    world = BillingWorld(calls(150))
    world.build(world.select())
    world.tax()
    world.validate()
    world.issue()

    assert world.build(world.select(THIRD_OF_NOVEMBER)) is BuildStatus.ISSUED


@pytest.mark.parametrize("end", [IntentState.POSTED, IntentState.REJECTED])
def test_a_finished_invoice_stays_as_it_is(end: IntentState) -> None:
    world = BillingWorld(calls(150))
    world.build(world.select())
    world.tax()
    world.validate()
    world.issue()
    if end is IntentState.REJECTED:
        world.refuse_posting()
    finished = world.complete(end)

    assert world.build(world.select(THIRD_OF_NOVEMBER)) is BuildStatus.FINISHED
    assert world.invoice == finished


def test_an_account_that_is_gone_is_no_empty_invoice() -> None:
    world = BillingWorld(calls(150))
    selection = world.select()
    world.publish(catalog(contracts=[]))

    with pytest.raises(AccountNotFoundError):
        world.build(selection)
