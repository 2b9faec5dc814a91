"""The transition table is complete: every state can be reached, and nothing that is numbered comes back."""

from itertools import product

import pytest

from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.invoicing.issuing import ISSUED_STATES, REVERSED_STATES
from shared.domain.invoicing.states import TRANSITIONS, InvoiceTrigger, TransitionNotAllowedError, next_state


def test_an_approved_invoice_is_issued() -> None:
    assert next_state(InvoiceState.APPROVED, InvoiceTrigger.ISSUE) is InvoiceState.ISSUED


@pytest.mark.parametrize(
    ("state", "trigger"), [pair for pair in product(InvoiceState, InvoiceTrigger) if pair not in TRANSITIONS]
)
def test_whatever_the_table_does_not_name_is_not_allowed(state: InvoiceState, trigger: InvoiceTrigger) -> None:
    with pytest.raises(TransitionNotAllowedError, match="cannot"):
        next_state(state, trigger)


def test_every_state_can_be_reached() -> None:
    drafted = {InvoiceState.DRAFT, InvoiceState.NOTHING_TO_BILL}

    assert drafted | set(TRANSITIONS.values()) == set(InvoiceState)


def test_an_issued_invoice_never_becomes_a_draft_again() -> None:
    reached = set(ISSUED_STATES)
    while more := {after for (before, _), after in TRANSITIONS.items() if before in reached} - reached:
        reached |= more

    assert reached == ISSUED_STATES | REVERSED_STATES


def test_only_an_approved_invoice_gets_a_number() -> None:
    assert [before for before, trigger in TRANSITIONS if trigger is InvoiceTrigger.ISSUE] == [InvoiceState.APPROVED]
