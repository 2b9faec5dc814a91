"""select_billing_accounts: what is due, what is waited for, and a selection that does not change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

import pytest

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.bill_run import bill_run_id
from shared.domain.invoicing.billing_progress import BillingProgress
from shared.domain.invoicing.invoice import Invoice, InvoiceState, invoice_id
from shared.domain.time_period import Period, billing_periods_from
from shared.ports.invoices import StoredInvoice
from tests.builders.billing import (
    BERLIN,
    OCTOBER,
    SECOND_OF_NOVEMBER,
    THIRD_OF_NOVEMBER,
    a_draft,
    calls,
    catalog,
    contract,
    nimbus,
)
from tests.fakes.billing_world import ACCOUNT, BillingWorld
from tests.fakes.in_memory_billing_accounts import InMemoryBillingProgresses
from tests.fakes.in_memory_invoices import InMemoryInvoices
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


@pytest.mark.parametrize(
    ("of_entity", "of_contract", "drafted_from"),
    [
        (48, None, "2026-11-02T23:00:00.000000Z"),  # October ends at 23:00 UTC in Berlin
        (0, 48, "2026-11-02T23:00:00.000000Z"),
        (48, 0, None),
    ],
)
def test_a_month_in_grace_is_left_to_a_later_run_which_says_so(
    of_entity: int, of_contract: int | None, drafted_from: str | None
) -> None:
    own = None if of_contract is None else timedelta(hours=of_contract)
    entity = replace(nimbus(), draft_grace=timedelta(hours=of_entity))
    world = BillingWorld(calls(150))
    world.publish(catalog(entity=entity, contracts=[replace(contract(), draft_grace=own)]))

    first, second = world.select(), world.select(THIRD_OF_NOVEMBER)

    assert len(second.batches) == 1
    assert second.waiting_for == ()
    assert len(first.batches) == (0 if drafted_from else 1)
    assert first.waiting_for == ((f"late usage of 2026-10: in grace until {drafted_from}",) if drafted_from else ())


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


class _ReadsCounted:
    """Invoices, and which of them bill runs have asked for."""

    def __init__(self, invoices: InMemoryInvoices) -> None:
        self._invoices = invoices
        self.asked_for: list[InvoiceId] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._invoices, name)

    def newest(self, invoice_ids: Collection[InvoiceId]) -> Mapping[InvoiceId, Invoice]:
        self.asked_for += invoice_ids
        return self._invoices.newest(invoice_ids)


def billed_since(year: int) -> tuple[BillingWorld, _ReadsCounted]:
    """Return a world whose contract of that age is billed up to September 2026, and was looked at once since."""
    world = BillingWorld(calls(150))
    world.publish(catalog(contracts=[contract(active=Period(datetime(year, 1, 1, tzinfo=UTC), None))]))
    posted = a_draft(calls(150))
    for period in takewhile(lambda one: one != OCTOBER, billing_periods_from(datetime(year, 1, 1, tzinfo=UTC), BERLIN)):
        name = invoice_id(posted.contract_id, period)
        state = replace(posted, invoice_id=name, billing_period=period, state=InvoiceState.POSTED)
        world.invoices.save(StoredInvoice(invoice=state, version=1))
    world.select(SECOND_OF_NOVEMBER)
    counted = _ReadsCounted(world.invoices)
    world.invoices = counted  # type: ignore[assignment]
    return world, counted


@pytest.mark.parametrize("year", [2025, 2016, 1996])
def test_a_bill_run_reads_no_more_of_an_old_contract_than_of_a_young_one(year: int) -> None:
    world, counted = billed_since(year)

    selection = world.select(THIRD_OF_NOVEMBER)

    assert selection.periods == (OCTOBER,)
    assert counted.asked_for == ["c-acme/2026-10"]


def test_a_month_that_was_left_behind_is_taken_up_again_though_later_ones_are_posted() -> None:
    world, counted = billed_since(2025)
    july = world.invoices.read(InvoiceId("c-acme/2026-07"), 1)
    assert july is not None
    rewritten = replace(july, invoice=replace(july.invoice, state=InvoiceState.INVALID), version=july.version + 1)
    world.invoices.save(rewritten)
    world.progresses = InMemoryBillingProgresses()
    world.select(THIRD_OF_NOVEMBER)
    counted.asked_for.clear()

    selection = world.select(THIRD_OF_NOVEMBER + timedelta(days=1))

    assert [period.name for period in selection.periods] == ["2026-07", "2026-10"]
    assert counted.asked_for == ["c-acme/2026-07", "c-acme/2026-10"]


def test_a_contract_that_now_starts_earlier_is_looked_at_whole() -> None:
    world, _ = billed_since(2025)
    world.publish(catalog(contracts=[contract(active=Period(datetime(2024, 11, 1, tzinfo=UTC), None))]), "v2")

    assert [period.name for period in world.select(THIRD_OF_NOVEMBER).periods] == ["2024-11", "2024-12", "2026-10"]


class _RepairedWhileSelected(InMemoryBillingProgresses):
    """Puts another posting in the place of September's, which was refused, before the bill run stores its progress."""

    def __init__(self, world: BillingWorld, september: StoredInvoice) -> None:
        super().__init__()
        self._world, self._repaired = world, september

    def save_many(self, progresses: Sequence[BillingProgress]) -> None:
        issued = replace(self._repaired.invoice, state=InvoiceState.ISSUED)
        stored = self._world.invoices.read(issued.invoice_id, 1)
        if stored == self._repaired:
            self._world.invoices.save(replace(stored, invoice=issued, version=stored.version + 1))
            self.reopen(issued.contract_id, by="c-acme/2026-09/r1/p2")
        super().save_many(progresses)


def test_an_invoice_whose_posting_is_repaired_while_a_bill_run_selects_is_taken_up_by_the_next_one() -> None:
    world, _ = billed_since(2025)
    posted = world.invoices.read(InvoiceId("c-acme/2026-09"), 1)
    assert posted is not None
    failed = replace(
        posted, invoice=replace(posted.invoice, state=InvoiceState.POSTING_FAILED), version=posted.version + 1
    )
    world.invoices.save(failed)
    world.progresses = _RepairedWhileSelected(world, failed)

    assert [period.name for period in world.select(THIRD_OF_NOVEMBER).periods] == ["2026-10"]

    later = world.select(THIRD_OF_NOVEMBER + timedelta(days=1))
    assert [period.name for period in later.periods] == ["2026-09", "2026-10"]
