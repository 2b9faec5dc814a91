"""Voiding: what becomes of the invoice, and why one cannot be voided, word for word."""

from dataclasses import replace

import pytest

from shared.domain.identifiers import CreditNoteId, InvoiceNumber
from shared.domain.invoicing.invoice import Invoice, InvoiceState, MemberBill, Voided
from shared.domain.invoicing.revisions import MOST_REVISIONS
from shared.domain.invoicing.states import TransitionNotAllowedError
from shared.domain.invoicing.voiding import voided, voiding, why_not_voided
from tests.builders.billing import a_draft, calls

REVERSAL = CreditNoteId("c-acme/2026-10/r1/credit/void")
POSTED = replace(a_draft(calls(150)), state=InvoiceState.POSTED, number=InvoiceNumber("DE-000007"))
VOIDING = replace(POSTED, state=InvoiceState.VOIDING, voided=Voided(number=3, by=REVERSAL))
MEMBER = MemberBill(
    invoice_id=POSTED.invoice_id,
    customer_id=POSTED.customer_id,
    contract_id=POSTED.contract_id,
    revision=1,
    version=1,
)


def test_an_invoice_is_void_from_its_reversal_on_and_for_good_once_that_is_posted() -> None:
    reversed_ = voiding(POSTED, voids_before=2, by=REVERSAL)

    assert reversed_ == VOIDING
    assert voided(reversed_) == replace(VOIDING, state=InvoiceState.VOIDED)


def test_what_is_not_posted_is_not_voided() -> None:
    with pytest.raises(TransitionNotAllowedError):
        voiding(a_draft(calls(150)), voids_before=0, by=REVERSAL)
    with pytest.raises(TransitionNotAllowedError):
        voided(POSTED)


@pytest.mark.parametrize(
    ("invoice", "why"),
    [
        (POSTED, ""),
        (replace(POSTED, revision=MOST_REVISIONS - 1), ""),
        (
            replace(POSTED, members=(MEMBER,)),
            "DE-000007 has the lines of several contracts: take back by credit notes what is wrong",
        ),
        (VOIDING, f"DE-000007 is being voided: {REVERSAL} reverses it, and is not posted yet"),
        (replace(VOIDING, state=InvoiceState.VOIDED), f"DE-000007 is voided already, by {REVERSAL}"),
        (
            replace(POSTED, revision=MOST_REVISIONS),
            "DE-000007 is revision 20 of c-acme/2026-10, the last one there is",
        ),
        (
            replace(POSTED, state=InvoiceState.ISSUED),
            "DE-000007 is issued: only what is posted is voided",
        ),
        (a_draft(calls(150)), "c-acme/2026-10 is draft: only what is posted is voided"),
    ],
    ids=["posted", "not the last", "several contracts", "voiding", "voided", "the last", "issued", "a draft"],
)
def test_why_an_invoice_cannot_be_voided(invoice: Invoice, why: str) -> None:
    assert why_not_voided(invoice) == why
