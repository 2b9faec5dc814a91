"""What counts as credited in the ERP beyond what is credited here: by amounts, and of invoices that stand."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.domain.identifiers import PostingId
from shared.domain.invoicing.credit_note import CreditNoteState
from shared.domain.invoicing.credit_note_issue import drafted
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.readings import SettlementStatus
from shared.domain.receivables.credited_there import (
    credited_beyond,
    credited_here,
    credited_in_erp,
    why_not_credited_too,
)
from shared.domain.receivables.receivable import Receivable
from tests.builders.credit_notes import EUR, a_line, a_request, an_issued_invoice, of_lines
from tests.builders.posting import GERMANY, TENANT, eur

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
INVOICE = an_issued_invoice(a_line("fee", "100.00"))
PARTLY_CREDITED = Receivable(
    tenant=TENANT,
    legal_entity_id=GERMANY,
    posting_id=PostingId("c-acme/2026-10/r1"),
    kind=DocumentKind.INVOICE,
    erp_number="PS-INV103001",
    gross=eur("120.00"),
    status=SettlementStatus.PARTLY_PAID,
    open_amount=eur("90.00"),
    changed_at=NOON,
    credited=eur("30.00"),
)
AT_ALL = replace(PARTLY_CREDITED, status=SettlementStatus.CREDITED, open_amount=eur("0.00"), credited=None)


@pytest.mark.parametrize(
    ("told", "here", "beyond"),
    [
        (PARTLY_CREDITED, "0.00", "30.00"),
        (PARTLY_CREDITED, "29.99", "0.01"),
        (PARTLY_CREDITED, "30.00", "0.00"),
        (PARTLY_CREDITED, "40.00", "0.00"),
        (AT_ALL, "0.00", "120.00"),
        (AT_ALL, "0.01", "0.00"),
        (replace(AT_ALL, status=SettlementStatus.PAID), "0.00", "0.00"),
        (replace(PARTLY_CREDITED, status=SettlementStatus.VOIDED), "0.00", "0.00"),
        (replace(PARTLY_CREDITED, kind=DocumentKind.CREDIT_MEMO), "0.00", "0.00"),
        (replace(AT_ALL, kind=DocumentKind.CREDIT_MEMO), "0.00", "0.00"),
    ],
    ids=[
        "of a person alone",
        "beyond ours by a cent",
        "ours",
        "ours, and more of ours on the way",
        "by no amount, and nothing of ours",
        "by no amount, and something of ours",
        "paid, and no credit told",
        "voided",
        "a credit memo",
        "a credit memo by no amount",
    ],
)
def test_what_the_erp_has_credited_beyond_what_is_credited_here(told: Receivable, here: str, beyond: str) -> None:
    assert credited_beyond(told, eur(here)) == eur(beyond)
    found = credited_in_erp(told, eur(here), looked_at=NOON)
    assert (found is not None) is (eur(beyond).amount > 0)


def test_a_credit_note_counts_from_its_issue() -> None:
    waiting = drafted(a_request(INVOICE, of_lines(fee="10.00"), request_id="a"), INVOICE, [])
    issued = replace(
        drafted(a_request(INVOICE, of_lines(fee="20.00"), request_id="b"), INVOICE, []), state=CreditNoteState.ISSUED
    )

    assert credited_here([waiting], EUR) == eur("0.00")
    assert credited_here([waiting, issued], EUR) == eur("24.00")


@pytest.mark.parametrize(
    ("told", "here", "more", "is_refused"),
    [
        (PARTLY_CREDITED, "0.00", "90.00", False),
        (PARTLY_CREDITED, "0.00", "90.01", True),
        (PARTLY_CREDITED, "10.00", "90.00", False),
        (PARTLY_CREDITED, "10.00", "90.01", True),
        (PARTLY_CREDITED, "30.00", "90.00", False),
        (AT_ALL, "0.00", "120.00", False),
    ],
    ids=["what is left", "a cent more", "beside ours", "a cent more beside ours", "all of it is ours", "by no amount"],
)
def test_together_with_what_a_person_credited_there_an_invoice_is_credited_up_to_its_amount(
    told: Receivable, here: str, more: str, *, is_refused: bool
) -> None:
    assert bool(why_not_credited_too(told, eur(here), eur(more))) is is_refused
