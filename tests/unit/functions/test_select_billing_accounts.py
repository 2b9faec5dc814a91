"""select_billing_accounts: what is due, what is waited for, and a selection that does not change."""

from datetime import UTC, datetime

from shared.domain.invoicing.bill_run import bill_run_id
from shared.domain.time_period import Period
from tests.builders.billing import OCTOBER, SECOND_OF_NOVEMBER, THIRD_OF_NOVEMBER, calls, catalog, contract
from tests.fakes.billing_world import ACCOUNT, BillingWorld
from tests.fakes.in_memory_master_data import InMemoryMasterData


def test_a_sealed_month_is_selected() -> None:
    world = BillingWorld(calls(150))

    selection = world.select()

    (batch,) = selection.batches
    assert world.bill_runs.batch(selection.bill_run_id, batch) == (ACCOUNT,)
    assert selection.periods == (OCTOBER,)
    assert selection.waiting_for == ()


def test_a_month_that_is_not_sealed_is_waited_for() -> None:
    world = BillingWorld(calls(150))
    world.usage.sealed = datetime(2026, 10, 31, tzinfo=UTC)

    selection = world.select()

    assert selection.batches == ()
    assert selection.waiting_for == ("usage of 2026-10: sealed through 2026-10-31T00:00:00.000000Z",)


def test_nothing_is_selected_before_a_catalogue_is_published() -> None:
    world = BillingWorld()
    world.master_data = InMemoryMasterData()

    assert world.select().waiting_for == ("a published catalogue",)


def test_the_same_bill_run_selects_the_same_though_the_world_has_changed() -> None:
    world = BillingWorld(calls(150))
    selection = world.select()

    world.run(THIRD_OF_NOVEMBER)

    assert world.select(SECOND_OF_NOVEMBER) == selection


def test_an_invoice_that_is_posted_is_not_selected_again() -> None:
    world = BillingWorld(calls(150))
    world.run()

    assert world.select(THIRD_OF_NOVEMBER).batches == ()


def test_many_accounts_are_cut_into_batches() -> None:
    world = BillingWorld()
    world.publish(catalog(contracts=[contract(contract_id=f"c-{number:03d}") for number in range(95)]))

    selection = world.select()

    assert [len(world.bill_runs.batch(selection.bill_run_id, batch)) for batch in selection.batches] == [40, 40, 15]


def test_months_that_were_never_billed_are_caught_up_with() -> None:
    world = BillingWorld()
    world.publish(catalog(contracts=[contract(active=Period(datetime(2026, 8, 10, tzinfo=UTC), None))]))

    assert [period.name for period in world.select().periods] == ["2026-08", "2026-09", "2026-10"]


def test_a_bill_run_is_named_after_its_scheduled_time() -> None:
    assert BillingWorld().select().bill_run_id == bill_run_id(SECOND_OF_NOVEMBER)
