"""Which revision of an invoice a bill run works on."""

from dataclasses import replace

import pytest

from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.invoicing.revisions import FIRST_REVISION, revision_to_bill
from tests.builders.billing import a_draft, calls


def test_a_period_without_an_invoice_is_billed_by_the_first_revision() -> None:
    assert revision_to_bill(None) == FIRST_REVISION


def test_a_voided_invoice_is_billed_by_the_next_revision() -> None:
    assert revision_to_bill(replace(a_draft(calls(150)), state=InvoiceState.VOIDED, revision=2)) == 3


@pytest.mark.parametrize("state", sorted(set(InvoiceState) - {InvoiceState.VOIDED}))
def test_every_other_invoice_is_worked_on_itself(state: InvoiceState) -> None:
    assert revision_to_bill(replace(a_draft(calls(150)), state=state, revision=2)) == 2
