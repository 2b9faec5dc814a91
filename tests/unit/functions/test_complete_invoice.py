"""complete_invoice: the posting's end is the invoice's."""

from dataclasses import replace

import pytest

from functions.complete_invoice.use_case import PostingNotSettledError
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.posting.compose import posting_id
from shared.domain.posting.decisions import given_up_on
from shared.domain.posting.intent import IntentState
from shared.domain.posting.repair import replaced
from tests.builders.billing import SECOND_OF_NOVEMBER, calls
from tests.fakes.billing_world import BillingWorld
from tests.fakes.in_memory_posting_repairs import InMemoryPostingRepairs


def an_issued_world() -> BillingWorld:
    world = BillingWorld(calls(150))
    world.build(world.select())
    world.tax()
    world.validate()
    world.issue()
    return world


def test_a_posted_invoice_is_posted_however_often_it_is_told() -> None:
    world = an_issued_world()

    assert world.complete().state is InvoiceState.POSTED
    assert world.complete().state is InvoiceState.POSTED


def test_a_posting_that_is_refused_may_still_be_posted_later() -> None:
    world = an_issued_world()
    world.refuse_posting()

    assert world.complete(IntentState.REJECTED).state is InvoiceState.POSTING_FAILED
    assert world.complete(IntentState.REJECTED).state is InvoiceState.POSTING_FAILED
    assert world.complete(IntentState.POSTED).state is InvoiceState.POSTED


def test_a_refusal_that_was_repaired_meanwhile_is_not_noted_any_more() -> None:
    world = an_issued_world()
    world.refuse_posting()
    (rejected,) = world.invoices.intents.chain(posting_id(world.account.invoice_id, 1))
    repair = replaced(rejected, rejected.document, asked_by="fred", now=SECOND_OF_NOVEMBER)
    InMemoryPostingRepairs(world.invoices.intents).replace(repair, None)

    assert world.complete(IntentState.REJECTED).state is InvoiceState.ISSUED


def test_what_was_given_up_was_not_posted_and_may_be_voiding_by_then() -> None:
    world = an_issued_world()
    name = posting_id(world.account.invoice_id, 1)
    (intent,) = world.invoices.intents.chain(name)
    world.invoices.intents.settle(given_up_on(intent, "cancelled by fred", now=SECOND_OF_NOVEMBER))

    failed = world.complete(IntentState.CANCELLED)
    assert failed.state is InvoiceState.POSTING_FAILED

    stored = world.invoices.read(world.account.invoice_id, 1)
    assert stored is not None
    voiding = replace(stored.invoice, state=InvoiceState.VOIDING)
    world.invoices.save(replace(stored, invoice=voiding, version=stored.version + 1))
    assert world.complete(IntentState.CANCELLED).state is InvoiceState.VOIDING


def test_a_posting_that_is_under_way_completes_nothing() -> None:
    with pytest.raises(PostingNotSettledError):
        an_issued_world().complete(IntentState.SENDING)
