"""complete_invoice: the posting's end is the invoice's."""

import pytest

from functions.complete_invoice.use_case import PostingNotSettledError
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.posting.intent import IntentState
from tests.builders.billing import calls
from tests.fakes.billing_world import BillingWorld


def an_issued_world() -> BillingWorld:
    world = BillingWorld(calls(150))
    world.build(world.select())
    world.tax()
    world.validate()
    world.issue()
    return world


@pytest.mark.parametrize(
    ("end", "state"),
    [(IntentState.POSTED, InvoiceState.POSTED), (IntentState.REJECTED, InvoiceState.POSTING_FAILED)],
)
def test_the_invoice_ends_as_its_posting_does(end: IntentState, state: InvoiceState) -> None:
    world = an_issued_world()

    assert world.complete(end).state is state
    assert world.complete(end).state is state


def test_a_posting_that_is_refused_may_still_be_posted_later() -> None:
    world = an_issued_world()
    world.complete(IntentState.REJECTED)

    assert world.complete(IntentState.POSTED).state is InvoiceState.POSTED


def test_a_posting_that_is_under_way_completes_nothing() -> None:
    with pytest.raises(PostingNotSettledError):
        an_issued_world().complete(IntentState.SENDING)
